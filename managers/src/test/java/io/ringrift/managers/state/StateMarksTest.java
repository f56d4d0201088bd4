package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.managers.state.Comparison.Difference;
import io.ringrift.state.v1.AddJob;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import io.ringrift.state.v1.StateMark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StateMarksTest {
  private static LogEntry addJob(long index, String id) {
    return new LogEntry(
        new LogPosition(new Epoch(1), index),
        LogEntry.Kind.COMMAND,
        CommandBatch.newBuilder()
            .addCommands(
                Command.newBuilder().setEpoch(1).setAddJob(AddJob.newBuilder().setJobId(id)))
            .build()
            .toByteArray());
  }

  /// Entries with gaps between their places, as a log has that holds more than commands.
  private static List<LogEntry> log(long odd) {
    var log = new ArrayList<LogEntry>();
    log.add(Ledgers.open(1, 1, "n1"));
    LongStream.rangeClosed(1, 100)
        .map(i -> 3 * i)
        .forEach(i -> log.add(addJob(i, i == odd ? "odd" : "job-" + i)));
    return log;
  }

  private static ClusterStore applied(List<LogEntry> log, int batch) {
    var store = new ClusterStore(new MemoryKeyValueStore());
    for (int i = 0; i < log.size(); i += batch) {
      store.apply(log.subList(i, Math.min(log.size(), i + batch)));
    }
    return store;
  }

  private static Map<String, Difference> differing(List<StateMark> one, List<StateMark> other) {
    return new Comparison("one", Map.of("one", one, "other", other), 2).differing();
  }

  @Test
  void replicasMarkTheSamePlacesHoweverTheyBatch() {
    List<LogEntry> log = log(0);
    List<StateMark> marks = applied(log, 1).marks();
    assertThat(marks).extracting(StateMark::getIndex).containsExactly(63L, 127L, 191L, 255L, 300L);
    assertThat(applied(log, 7).marks()).isEqualTo(marks);
    assertThat(applied(log, 1000).marks()).isEqualTo(marks);
  }

  @Test
  void firstPlaceThatDiffersIsFound() {
    var one = applied(log(0), 10).marks();
    var other = applied(log(150), 10).marks();
    assertThat(differing(one, other)).isEqualTo(Map.of("other", new Difference(191, false)));
  }

  @Test
  void replicaThatLagsDoesNotDiffer() {
    var one = applied(log(0), 10).marks();
    var other = applied(log(0).subList(0, 50), 10).marks();
    assertThat(differing(one, other)).isEmpty();
  }

  @Test
  void marksAreBounded() {
    var log = new ArrayList<LogEntry>();
    log.add(Ledgers.open(1, 1, "n1"));
    LongStream.rangeClosed(1, 100).forEach(i -> log.add(addJob(64 * i, "job-" + i)));
    assertThat(applied(log, 5).marks()).hasSize(33);
  }
}
