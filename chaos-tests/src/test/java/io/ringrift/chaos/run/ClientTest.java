package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.check.Status;
import io.ringrift.chaos.check.Verdict;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What one client does in two thousand steps, at a queue that answers at once.
@Timeout(120)
final class ClientTest {
  private static final Duration LEASE = Duration.ofMinutes(10);

  private final History history = new History(new RunClock(Ticker.system()), 10_000);
  private FakeCluster cluster;

  @BeforeEach
  void step() throws IOException {
    cluster = new FakeCluster();
    var nodes = Map.of("n1", cluster.at());
    var setup = new Clients.Setup("", nodes, Optional.empty(), LEASE, Path.of("none"), 1);
    try (var client = new Client(setup, 1, history, new Items(), new SplittableRandom(7))) {
      for (int i = 0; i < 2000; i++) {
        client.step(Set.of("queue", "jobs"));
      }
    }
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  private List<Operation> done() {
    return history.recorded().operations().stream().filter(Operation::ok).toList();
  }

  @Test
  void everythingThatAClientCanAskForIsAskedForAndDone() {
    // Files are asked for by the load of files, and orders are sent by a fault.
    assertThat(done().stream().map(Operation::kind).distinct())
        .containsExactlyInAnyOrderElementsOf(
            EnumSet.complementOf(EnumSet.of(Kind.SYNC, Kind.ORDER)));
  }

  @Test
  void itemsAndJobsAreReadAtEveryLevelAndTellOfWhichIndex() {
    for (Kind kind : List.of(Kind.READ, Kind.READ_JOB)) {
      List<Operation> reads = done().stream().filter(o -> o.kind() == kind).toList();
      assertThat(reads.stream().map(Operation::argument).collect(Collectors.toSet()))
          .containsExactlyInAnyOrder("linearizable", "leader", "stale");
      assertThat(reads).allMatch(read -> read.answer().index() > 0);
      assertThat(reads).filteredOn(Operation::mayBeOld).allMatch(read -> read.node().equals("n1"));
    }
  }

  @Test
  void whatAnHonestQueueTellsIsKeptByEveryCheckerOfIt() {
    var setting =
        new Setting(
            "s", "", "", "", "", 1, "", List.of("n1"), List.of("n1"), LEASE, Duration.ofHours(1));
    var run = new EvidenceRecorder(10).evidence(setting, Expectations.NONE, history);
    var results = Verdict.of(run, List.of()).results();
    for (String name :
        List.of(
            "QueueIsLinearizable",
            "ReadsAreLinearizable",
            "StaleReadsAreOfThePast",
            "EmptyQueuesAreEmpty",
            "JobReadsAreLinearizable",
            "LeasesAreKept",
            "EffectsHappenOnce",
            "HistoryIsWhole")) {
      assertThat(results)
          .filteredOn(result -> result.name().equals(name))
          .singleElement()
          .satisfies(
              result ->
                  assertThat(result.status())
                      .as(name + ": " + result.evidence() + result.findings())
                      .isEqualTo(Status.KEPT));
    }
  }
}
