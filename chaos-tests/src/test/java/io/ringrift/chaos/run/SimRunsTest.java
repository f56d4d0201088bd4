package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.chaos.report.Judged;
import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.chaos.scenario.GroundKind;
import io.ringrift.chaos.scenario.Scenario;
import io.ringrift.chaos.scenario.Scenario.Expectation;
import io.ringrift.chaos.scenario.Scenario.Work;
import io.ringrift.chaos.sim.Fault;
import io.ringrift.chaos.sim.Outcome;
import io.ringrift.chaos.sim.Sim;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A leader whose clock goes at half the rate keeps its lease for twice as long: no lease of any
/// kind survives that, so such a schedule breaks an invariant of the real cores.
final class SimRunsTest {
  @TempDir private Path folder;

  private static FaultSpec fault(
      FaultKind kind, int at, int lasting, List<String> targets, Map<String, String> options) {
    return new FaultSpec(
        kind, Duration.ofSeconds(at), Duration.ofSeconds(lasting), targets, List.of(), options);
  }

  /// Of these, the slow clock and the isolation alone are needed.
  private static RunPlan plan() {
    var faults =
        List.of(
            fault(FaultKind.RING, 1, 2, List.of(), Map.of()),
            fault(FaultKind.KILL, 4, 1, List.of("n3"), Map.of()),
            fault(FaultKind.CLOCK, 9, 1, List.of("all"), Map.of("rate", "0")),
            fault(FaultKind.CLOCK, 10, 1, List.of("leader"), Map.of("rate", "-500")),
            fault(FaultKind.ISOLATE, 11, 8, List.of("leader"), Map.of()),
            fault(FaultKind.LOSS, 21, 1, List.of("all"), Map.of("percent", "30")));
    var scenario =
        new Scenario(
            "half-clock",
            Scenario.Origin.named("half-clock"),
            "the leader's clock goes at half the rate",
            Set.of(GroundKind.SIM),
            Map.of(),
            3,
            0,
            "local",
            Set.of(ConsensusMode.BULLY),
            Set.of(MembershipMode.HTTP),
            Set.of(),
            new Work(1, Set.of("queue"), 0, Duration.ZERO),
            faults,
            new Expectation(Duration.ZERO, Duration.ZERO, false, false, false, false));
    return new RunPlan(
        scenario, GroundKind.SIM, ConsensusMode.BULLY, MembershipMode.HTTP, 1, Duration.ZERO, 100);
  }

  @Test
  void aSimulationInWhichNothingWasAcknowledgedProvesNothing() {
    var nothing = new SimRuns.Sum(3, 900, 1, Duration.ZERO, Optional.empty());
    assertThat(SimEvidence.of(plan(), nothing, "again").verdict().exitCode()).isEqualTo(2);
    assertThat(SimEvidence.figures(nothing)).contains("900 acknowledged (none in 1 seeds)");
    var something = new SimRuns.Sum(3, 900, 0, Duration.ZERO, Optional.empty());
    assertThat(SimEvidence.of(plan(), something, "again").verdict().exitCode()).isZero();
  }

  @Test
  void aFailingScheduleIsShrunkAndSavedAndTheFileBreaksTheSame() throws IOException {
    SimRuns.Failed failed = SimRuns.run(plan()).failed().orElseThrow();
    String invariant = failed.outcome().violation().orElseThrow().invariant();
    assertThat(failed.schedule()).hasSizeLessThan(5);
    assertThat(failed.schedule()).anyMatch(Fault.ClockRate.class::isInstance);
    Path file = folder.resolve("half.sim");
    failed.file("local").write(file);
    assertThat(SimFile.read(file).invariant()).isEqualTo(invariant);
    Outcome again = Sim.run(SimFile.read(file).config());
    assertThat(again.fingerprint()).isEqualTo(failed.outcome().fingerprint());
    assertThat(again.violation().orElseThrow())
        .isEqualTo(failed.outcome().violation().orElseThrow());
  }

  @Test
  void theSuiteTellsTheFileInItsOutputAndInItsReports() throws Exception {
    var said = new StringWriter();
    var suite = new Suite(folder, "", new PrintWriter(said));
    suite.run(List.of(plan()));
    assertThat(suite.finish()).isEqualTo(1);
    Path file;
    try (var files = Files.list(folder)) {
      file =
          files.filter(each -> each.toString().endsWith(SimFile.ENDING)).findFirst().orElseThrow();
    }
    String command = "bin/ringrift sim replay " + file;
    assertThat(said.toString()).contains("violated").contains("replay: " + command);
    assertThat(Files.readString(folder.resolve("junit.xml"))).contains(command).contains("failure");
    try (var files = Files.list(folder)) {
      Path page =
          files
              .filter(each -> each.toString().contains("half-clock-sim-http"))
              .sorted()
              .findFirst()
              .orElseThrow();
      assertThat(Files.readString(page)).contains(command);
    }
  }

  @Test
  void simulationsThatHoldArePartOfTheReports() throws IOException {
    var sum = new SimRuns.Sum(100, 7, 0, Duration.ofSeconds(3), java.util.Optional.empty());
    Judged judged = SimEvidence.of(plan(), sum, "again");
    assertThat(judged.verdict().exitCode()).isZero();
    assertThat(judged.verdict().results()).singleElement().asString().contains("100 seeds");
  }

  @Test
  void everyKindOfFaultKeepsItsFields() throws IOException {
    List<Fault> all =
        List.of(
            new Fault.Crash(1, 2, 3, 4),
            new Fault.Leave(1, 2, 3),
            new Fault.Pause(1, 2, Fault.LEADER, 4),
            new Fault.Cut(1, 2, 3, 4),
            new Fault.Isolate(1, 2, 0, true, false),
            new Fault.Weather(1, 2, 3, 4, 5, 6),
            new Fault.Link(1, 2, 3, 4, 5, 6, 7, 8, 9),
            new Fault.ClockRate(1, 2, -3),
            new Fault.StepDown(1, 2),
            new Fault.Transfer(1, 2, 0),
            new Fault.Unfit(1, 2, 0));
    assertThat(all).hasSameSizeAs(Fault.class.getPermittedSubclasses());
    Path file = folder.resolve("all.sim");
    new SimFile(1, 5, 3, "lan", 60_000_000_000L, "", all).write(file);
    assertThat(SimFile.read(file).faults()).isEqualTo(all);
  }

  @Test
  void aFileThatIsNoneIsRefusedByNameAndRule() throws IOException {
    Path file = Files.writeString(folder.resolve("x.sim"), "{\"format\": 7}");
    assertThatThrownBy(() -> SimFile.read(file))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("x.sim")
        .hasMessageContaining("format is \"7\"; this build reads 1");
    Files.writeString(
        file,
        """
        {"format": 1, "seed": 1, "nodes": 99, "timing": "lan", "virtualNanos": 1,
         "invariant": "", "faults": []}
        """);
    assertThatThrownBy(() -> SimFile.read(file)).hasMessageContaining("nodes is \"99\"");
  }
}
