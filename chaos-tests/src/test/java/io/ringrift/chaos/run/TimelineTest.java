package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class TimelineTest {
  private static final Duration LATER = Duration.ofMillis(500);

  /// Its node has a snapshot when it was asked for one often enough: a second later.
  private static final class LateSnapshot extends QuietGround {
    private int asked;

    LateSnapshot(Path folder) {
      super(folder);
    }

    @Override
    public Path stateFolder(String node) {
      Path state = super.stateFolder(node);
      if (++asked == 20) {
        try {
          Files.createDirectories(state.resolve("snapshots"));
          Files.writeString(state.resolve("snapshots/1.snapshot"), "of what was here");
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return state;
    }
  }

  @TempDir private Path folder;

  private final RunClock clock = new RunClock(Ticker.system());
  private final EvidenceRecorder recorder = new EvidenceRecorder(100);
  private final History history = new History(clock, 100);

  private static FaultSpec fault(
      FaultKind kind, Duration at, String node, Map<String, String> more) {
    return new FaultSpec(kind, at, Duration.ZERO, List.of(node), List.of(), more);
  }

  private List<FaultBand> bands() {
    var setting =
        new Setting("s", "", "", "", "", 1, "", List.of(), List.of(), Duration.ZERO, Duration.ZERO);
    return recorder.evidence(setting, Expectations.NONE, history).faults();
  }

  @Test
  void whatComesBehindDamageKeepsItsDistanceWhenThatHadToWait() throws Exception {
    var ground = new LateSnapshot(folder);
    try (var watch = new Watch(Map.of(), clock, recorder)) {
      var striker = new Striker(ground, watch, clock, recorder, history, 1, () -> {});
      var damage = fault(FaultKind.CORRUPT, Duration.ZERO, "n1", Map.of("file", "snapshots"));
      var kill = fault(FaultKind.KILL, LATER, "n2", Map.of());
      new Timeline(striker, clock).run(List.of(damage, kill), () -> false);
    }
    assertThat(bands()).extracting(FaultBand::effect).first().asString().contains("bytes flipped");
    long apart = bands().getLast().fromNanos() - bands().getFirst().fromNanos();
    assertThat(Duration.ofNanos(apart)).isGreaterThan(LATER.dividedBy(2));
  }
}
