package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.kernel.Endpoint;
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
    var setting =
        new Setting("s", "", "", "", "", 1, "", List.of(), List.of(), Duration.ZERO, Duration.ZERO);
    return recorder.evidence(setting, Expectations.NONE, new History(clock, 1)).events();
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

  /// Who ends by itself, with its process.
  private static final class DyingGround implements Ground {
    private final Map<String, Long> dead = new ConcurrentHashMap<>();

    @Override
    public Map<String, String> crashed() {
      var told = new ConcurrentHashMap<String, String>();
      dead.keySet().forEach(node -> told.put(node, "exit code 1"));
      return told;
    }

    @Override
    public long pid(String node) {
      return dead.getOrDefault(node, 0L);
    }

    @Override
    public List<String> voters() {
      return List.of("n1", "n2");
    }

    @Override
    public List<String> workers() {
      return List.of();
    }

    @Override
    public Endpoint address(String node) {
      return new Endpoint("127.0.0.1", 1);
    }

    @Override
    public void start(String node, List<String> more) {}

    @Override
    public boolean running(String node) {
      return !dead.containsKey(node);
    }

    @Override
    public void kill(List<String> nodes) {}

    @Override
    public boolean stop(String node) {
      return true;
    }

    @Override
    public void signal(String node, String name) {}

    @Override
    public void links(Map<Link, LinkRule> rules) {}

    @Override
    public long struck() {
      return 0;
    }

    @Override
    public Path stateFolder(String node) {
      return Path.of(node);
    }

    @Override
    public Path dataFolder(String node) {
      return Path.of(node);
    }

    @Override
    public Path log(String node) {
      return Path.of(node);
    }

    @Override
    public List<String> end() {
      return List.of();
    }

    @Override
    public void close() {}
  }
}
