package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.chaos.evidence.Effect;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.scenario.GroundKind;
import io.ringrift.chaos.scenario.Scenarios;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is left of a run that broke off when its first node was to be started.
@Timeout(60)
final class RunnerTest {
  private static final Duration END = Duration.ofMillis(300);

  @TempDir private Path folder;
  private final Ticker ticker = Ticker.system();

  /// Before the clock of the run begins.
  private Moment made = ticker.now();

  private class NothingStarts extends QuietGround {
    NothingStarts() {
      super(folder);
    }

    @Override
    public void start(String node, List<String> more) {
      throw new IllegalStateException("no room for " + node);
    }
  }

  private RunEvidence run(Ground ground) throws IOException, InterruptedException {
    var plan =
        new RunPlan(
            Scenarios.of("kill-leader"),
            GroundKind.PROCESS,
            ConsensusMode.BULLY,
            MembershipMode.HTTP,
            1,
            Duration.ZERO,
            1);
    made = ticker.now();
    return new Runner(plan, ground, folder).run().evidence();
  }

  @Test
  void linesOfJobsThatAreTornTakeNoOtherEvidenceAway() throws Exception {
    Files.write(
        folder.resolve("effects"),
        List.of("9.5 n1 torn 1x 7 start", "9.6 n1", "9.7 n1 job 1 7 start"));
    RunEvidence evidence = run(new NothingStarts());
    assertThat(evidence.failure()).contains("no room for n1");
    assertThat(evidence.effects()).extracting(Effect::key).containsExactly("job");
    assertThat(evidence.notes())
        .contains(
            "a line of the effects' file is damaged: 9.5 n1 torn 1x 7 start",
            "a line of the effects' file is damaged: 9.6 n1");
  }

  @Test
  void aRunWaitsForRecoveryForLongerThanItsBound() {
    Expectations minutes = new Expectations(Duration.ZERO, Duration.ZERO, Duration.ofMinutes(5));
    assertThat(Runner.patience(minutes)).isEqualTo(Duration.ofSeconds(305));
    assertThat(Runner.patience(Expectations.NONE)).isEqualTo(Duration.ofSeconds(60));
  }

  /// Nobody looks meanwhile, and nothing that was not seen then is late.
  @Test
  void theCleanUpIsNoPartOfARun() throws Exception {
    var passed = new Duration[] {Duration.ZERO};
    var ground =
        new NothingStarts() {
          @Override
          public List<String> end() {
            passed[0] = ticker.now().since(made);
            await().pollDelay(END).until(() -> true);
            return List.of();
          }
        };
    assertThat(run(ground).setting().length()).isPositive().isLessThan(passed[0]);
  }
}
