package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.ground.Crash;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.kernel.time.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

final class ExitsTest {
  private final RunClock clock = new RunClock(Ticker.system());
  private final EvidenceRecorder recorder = new EvidenceRecorder(100);
  private final DyingGround ground = new DyingGround();

  private List<NodeEvent> events() {
    return evidence().events();
  }

  private RunEvidence evidence() {
    var setting =
        new Setting("s", "", "", "", "", 1, "", List.of(), List.of(), Duration.ZERO, Duration.ZERO);
    return recorder.evidence(setting, Expectations.NONE, new History(clock, 1));
  }

  /// At the end of a run it runs again, and nobody would know.
  @Test
  void anEndIsToldOnceAndAlsoWhenTheNodeIsStartedAgain() {
    try (var _ = new Exits(ground, clock, recorder)) {
      ground.dead.put("n2", 7L);
      await().until(() -> events().size() == 1);
      long at = clock.nanos();
      ground.dead.clear();
      assertThat(events().getFirst().atNanos()).isBetween(1L, at);
      assertThat(events().getFirst().kind()).isEqualTo("EXITED");
      ground.dead.put("n2", 8L);
      await().until(() -> events().size() == 2);
    }
    assertThat(events()).hasSize(2);
  }

  /// Else nobody would hear of the ends of this run any more.
  @Test
  void aLookThatFailsIsToldAndNotTheLast() {
    ground.broken = true;
    try (var _ = new Exits(ground, clock, recorder)) {
      await().until(() -> !evidence().notes().isEmpty());
      ground.broken = false;
      ground.dead.put("n2", 7L);
      await().until(() -> events().size() == 1);
    }
    assertThat(evidence().notes()).singleElement().asString().contains("could not be asked");
  }

  /// Who ends by itself, with its process.
  private static final class DyingGround extends QuietGround {
    private final Map<String, Long> dead = new ConcurrentHashMap<>();
    private volatile boolean broken;

    DyingGround() {
      super(Path.of("nowhere"));
    }

    @Override
    public List<Crash> crashed() {
      if (broken) {
        throw new IllegalStateException("no process can be asked");
      }
      return dead.entrySet().stream()
          .map(each -> new Crash(each.getKey(), each.getValue(), "exit code 1"))
          .toList();
    }
  }
}
