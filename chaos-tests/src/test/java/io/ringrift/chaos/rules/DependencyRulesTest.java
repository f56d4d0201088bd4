package io.ringrift.chaos.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.ringrift.kernel.Pure;
import org.junit.jupiter.api.Test;

/// Who may know whom (STYLE 3b). Maven already makes a backward import between modules impossible.
final class DependencyRulesTest {
  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> location.contains("io/ringrift/"))
          .withImportOption(location -> !location.contains("/v1/"))
          .importPackages("io.ringrift");

  @Test
  void pureClassesTouchNoWorld() {
    noClasses()
        .that()
        .areAnnotatedWith(Pure.class)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.io..",
            "java.nio.file..",
            "java.nio.channels..",
            "java.net..",
            "java.sql..",
            "java.util.concurrent..",
            "io.grpc..",
            "org.rocksdb..",
            "org.slf4j..",
            "org.apache.ratis..",
            "io.scalecube..",
            "io.micrometer..")
        .check(OURS);
  }

  /// The replicated state of the managers is kept as messages, since that is how it is stored.
  @Test
  void pureClassesOfTheKernelSeeRecordsAndNoContracts() {
    noClasses()
        .that()
        .areAnnotatedWith(Pure.class)
        .and()
        .resideInAPackage("io.ringrift.kernel..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.ringrift..v1..")
        .check(OURS);
  }

  @Test
  void pureClassesKnowNoClockOrChance() {
    noClasses()
        .that()
        .areAnnotatedWith(Pure.class)
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.(lang\\.(Thread|System|Process.*)|time\\.Clock|security\\.SecureRandom"
                + "|util\\.(Random|SplittableRandom|Timer|UUID))"
                + "|io\\.ringrift\\.kernel\\.time\\.Ticker")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .check(OURS);
  }

  @Test
  void noManagerKnowsAnother() {
    slices().matching("io.ringrift.managers.(*)..").should().notDependOnEachOther().check(OURS);
  }

  @Test
  void packagesOfAModuleFormNoCycle() {
    slices().matching("io.ringrift.managers.(*)..").should().beFreeOfCycles().check(OURS);
    slices().matching("io.ringrift.node.(*)..").should().beFreeOfCycles().check(OURS);
    slices().matching("io.ringrift.chaos.(*)..").should().beFreeOfCycles().check(OURS);
  }

  @Test
  void rocksIsImportedByTheStoreAlone() {
    onlyIn("org.rocksdb..", "io.ringrift.kernel.store..");
  }

  @Test
  void ratisIsImportedByTheRaftRoomAlone() {
    onlyIn("org.apache.ratis..", "io.ringrift.kernel.consensus.raft..");
  }

  @Test
  void scaleCubeAndReactorAreImportedBySwimAlone() {
    onlyIn("io.scalecube..", "io.ringrift.kernel.membership.swim..");
    onlyIn("reactor..", "io.ringrift.kernel.membership.swim..");
  }

  @Test
  void sqlIsImportedByStateSyncAndWorkloadsAlone() {
    // Sync copies game files that are SQLite databases through a consistent snapshot.
    onlyIn(
        "java.sql..",
        "io.ringrift.managers.state..",
        "io.ringrift.managers.sync..",
        "io.ringrift.workloads..");
  }

  @Test
  void theHttpServerIsImportedByTheNodesEdgeAlone() {
    onlyIn("com.linecorp..", "io.ringrift.node.web..", "io.ringrift.node.rpc..");
  }

  @Test
  void processesAreStartedByJobsTheDemoAndTheGroundsOfChaosAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "io.ringrift.managers.job..",
            "io.ringrift.node.cli..",
            "io.ringrift.node.local..",
            "io.ringrift.chaos.ground..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName(ProcessBuilder.class.getName())
        .check(OURS);
  }

  @Test
  void theEnvironmentIsReadByTheConfigurationAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.ringrift.node.config..")
        .should()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .check(OURS);
  }

  @Test
  void nobodySleepsButTheCommandLine() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.ringrift.node.cli..", "io.ringrift.node.local..")
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .check(OURS);
  }

  @Test
  void staticFieldsAreFinal() {
    fields().that().areStatic().and().areNotPrivate().should().beFinal().check(OURS);
    fields().that().areStatic().and().arePrivate().should().beFinal().check(OURS);
  }

  @Test
  void classNamesSayWhatTheyAre() {
    noClasses()
        .should()
        .haveNameMatching(".*(Util|Utils|Helper|Mixin|Base|Impl)(\\$.*)?")
        .orShould()
        .haveNameMatching(".*\\.(Abstract[A-Z]|I[A-Z][a-z])[^.]*")
        .check(OURS);
  }

  private static void onlyIn(String library, String... importers) {
    noClasses()
        .that()
        .resideOutsideOfPackages(importers)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(OURS);
  }
}
