package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.chaos.scenario.GroundKind;
import io.ringrift.chaos.scenario.Scenario;
import io.ringrift.chaos.scenario.Scenarios;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Runs that cannot be done, one behind another.
@Timeout(60)
final class SuiteTest {
  @TempDir private Path folder;
  private final StringWriter said = new StringWriter();

  private RunPlan plan(String name) throws IOException {
    Path file = folder.resolve(name + ".yaml");
    Files.writeString(
        file,
        """
        name: %s
        description: a node stands still
        grounds: [process]
        not_on: {netns: a test, sim: a test}
        faults:
          - {kind: pause, at: 1s, for: 1s, targets: n1}
        """
            .formatted(name));
    Scenario scenario = Scenarios.of(file.toString());
    return new RunPlan(
        scenario,
        GroundKind.PROCESS,
        ConsensusMode.BULLY,
        MembershipMode.HTTP,
        1,
        Duration.ZERO,
        1);
  }

  private RunPlan plan(String name, Duration duration) throws IOException {
    return new RunPlan(
        plan(name).scenario(),
        GroundKind.PROCESS,
        ConsensusMode.BULLY,
        MembershipMode.HTTP,
        1,
        duration,
        1);
  }

  @Test
  void aRunWhoseEvidenceWouldNotFitIsRefusedBeforeAnythingBegins() throws IOException {
    var suite = new Suite(folder.resolve("report"), "", new PrintWriter(said, true));
    var plans = List.of(plan("short"), plan("long", Duration.ofHours(2)));
    assertThatThrownBy(() -> suite.run(plans))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("--duration is")
        .hasMessageContaining("for long: the evidence of a run is bounded");
    assertThat(folder.resolve("report")).doesNotExist();
  }

  @Test
  void twoRunsWhoseReportsHaveOneNameAreRefusedBeforeAnythingBegins() throws IOException {
    var suite = new Suite(folder.resolve("report"), "", new PrintWriter(said, true));
    var plans = List.of(plan("one"), plan("two"), plan("one"));
    assertThatThrownBy(() -> suite.run(plans))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("SCENARIO is \"one\"");
    assertThat(folder.resolve("report")).doesNotExist();
  }

  @Test
  void membershipThatIsNotSimulatedIsTold() throws Exception {
    var suite = new Suite(folder.resolve("report"), "", new PrintWriter(said, true));
    suite.run(
        List.of(
            new RunPlan(
                Scenarios.of("kill-leader"),
                GroundKind.SIM,
                ConsensusMode.BULLY,
                MembershipMode.SWIM,
                1,
                Duration.ZERO,
                1)));
    assertThat(suite.finish()).isEqualTo(2);
    assertThat(said.toString()).contains("only membership http is simulated");
  }

  private int run(Suite.Opening opening, String... names) throws Exception {
    var suite = new Suite(folder.resolve("report"), new PrintWriter(said, true), opening);
    var plans = new ArrayList<RunPlan>();
    for (String name : names) {
      plans.add(plan(name));
    }
    suite.run(plans);
    return suite.finish();
  }

  private String junit() throws IOException {
    return Files.readString(folder.resolve("report/junit.xml"));
  }

  @Test
  void aGroundThatCannotBeOpenedKeepsNoOtherRunFromBeginning() throws Exception {
    int code =
        run(
            (plan, _) -> {
              throw new Refusal(Reason.SPAWN_FAILED, "no mount for " + plan.scenario().name());
            },
            "one",
            "two");
    assertThat(code).isEqualTo(2);
    assertThat(said.toString())
        .contains("one", "broke off: ", "no mount for one", "no mount for two")
        .contains("0 kept, 0 violated, 2 could not be done");
    assertThat(junit())
        .contains("it broke off", "no mount for one", "no mount for two")
        .doesNotContain("interrupted");
  }

  @Test
  void aRunThatBreaksOffIsToldWithItsCauseAndIsNoViolation() throws Exception {
    Suite.Opening opening =
        (_, run) ->
            new QuietGround(run) {
              @Override
              public void start(String node, List<String> more) {
                throw new UncheckedIOException(new IOException("no room for " + node));
              }
            };
    assertThat(run(opening, "one", "two")).isEqualTo(2);
    assertThat(said.toString())
        .contains("could not run", "no room for n1")
        .contains("0 kept, 0 violated, 2 could not be done");
    assertThat(junit()).contains("one-process-http-bully-1", "two-process-http-bully-1");
    assertThat(folder.resolve("report/two-process-http-bully-1.html"))
        .content()
        .contains("no room for n1")
        .as("what was run, and how to run it again")
        .contains("{kind: pause, at: 1s, for: 1s, targets: n1}")
        .contains("chaos run " + folder.resolve("two.yaml") + " --ground process");
  }

  /// What is left of a run makes it a violated one, of which twenty findings are kept.
  private static Suite.Opening leavingBehind(AtomicReference<WeakReference<String>> last) {
    return (_, run) ->
        new QuietGround(run) {
          @Override
          public void start(String node, List<String> more) {
            throw new IllegalStateException("no room for " + node);
          }

          @Override
          public List<String> end() {
            var left = IntStream.range(0, 30).mapToObj(i -> "process " + i).toList();
            last.set(new WeakReference<>(left.getLast()));
            return left;
          }
        };
  }

  @Test
  void theEvidenceOfARunThatWasToldIsNotKeptInMemory() throws Exception {
    var last = new AtomicReference<WeakReference<String>>(new WeakReference<>(""));
    var suite =
        new Suite(folder.resolve("report"), new PrintWriter(said, true), leavingBehind(last));
    suite.run(List.of(plan("one")));
    await()
        .until(
            () -> {
              System.gc();
              return last.get().get() == null;
            });
    assertThat(suite.finish()).isEqualTo(1);
    assertThat(junit()).contains("one-process-http-bully-1", "process 0");
    assertThat(folder.resolve("report/one-process-http-bully-1.json"))
        .content()
        .contains("process 29");
  }

  @Test
  void aPageThatCannotBeWrittenChangesNoVerdict() throws Exception {
    Files.createDirectories(folder.resolve("report/one-process-http-bully-1.html"));
    assertThat(run(leavingBehind(new AtomicReference<>(new WeakReference<>(""))), "one"))
        .isEqualTo(1);
    assertThat(junit()).contains("one-process-http-bully-1", "process 0");
  }
}
