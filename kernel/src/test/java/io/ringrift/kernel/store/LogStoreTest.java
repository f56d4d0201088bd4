package io.ringrift.kernel.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogStoreTest {
  @TempDir Path root;
  private Path folder = Path.of("");

  @BeforeEach
  void place() {
    folder = root.resolve("log");
  }

  private static LogPosition at(long epoch, long index) {
    return new LogPosition(new Epoch(epoch), index);
  }

  private static LogEntry entry(long epoch, long index) {
    return new LogEntry(
        at(epoch, index), LogEntry.Kind.COMMAND, ("command " + index).getBytes(UTF_8));
  }

  private static List<LogEntry> entries(long epoch, long from, long to) {
    return LongStream.rangeClosed(from, to).mapToObj(i -> entry(epoch, i)).toList();
  }

  private LogStore.Recovered recovered() {
    try (var log = LogStore.open(folder)) {
      return log.recover();
    }
  }

  private void append(List<LogEntry> entries) {
    try (var log = LogStore.open(folder)) {
      log.write(OptionalLong.empty(), entries);
    }
  }

  private static void refusedAsCorrupt(ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
        .hasMessageContainingAll(words);
  }

  @Test
  void anEmptyLogStartsBeforeTheFirstEntry() {
    assertThat(recovered()).isEqualTo(new LogStore.Recovered(LogPosition.START, List.of()));
  }

  @Test
  void entriesComeBackAsTheyWere() {
    var open = new LogEntry(at(3, 1), LogEntry.Kind.OPEN_EPOCH, "n1".getBytes(UTF_8));
    var all = new ArrayList<>(List.of(open));
    all.addAll(entries(3, 2, 300));
    append(all);
    assertThat(recovered().entries()).isEqualTo(all);
  }

  @Test
  void truncationWithAppendIsOneChange() {
    append(entries(1, 1, 10));
    try (var log = LogStore.open(folder)) {
      log.write(OptionalLong.of(8), entries(2, 8, 9));
    }
    var left = new ArrayList<>(entries(1, 1, 7));
    left.addAll(entries(2, 8, 9));
    assertThat(recovered().entries()).isEqualTo(left);
  }

  @Test
  void compactionKeepsWhatIsBehindThePlace() {
    append(entries(1, 1, 10));
    try (var log = LogStore.open(folder)) {
      log.compact(at(1, 6));
    }
    assertThat(recovered()).isEqualTo(new LogStore.Recovered(at(1, 6), entries(1, 7, 10)));
  }

  @Test
  void resetLeavesAnEmptyLogThatGoesOnBehindTheSnapshot() {
    append(entries(1, 1, 10));
    try (var log = LogStore.open(folder)) {
      log.reset(at(4, 50));
      log.write(OptionalLong.empty(), entries(4, 51, 52));
    }
    assertThat(recovered()).isEqualTo(new LogStore.Recovered(at(4, 50), entries(4, 51, 52)));
  }

  @Test
  void aGapIsRefused() {
    append(entries(1, 1, 3));
    append(entries(1, 5, 6));
    refusedAsCorrupt(this::recovered, "gap", folder.toString());
  }

  @Test
  void aFallingEpochIsRefused() {
    append(entries(2, 1, 3));
    append(entries(1, 4, 4));
    refusedAsCorrupt(this::recovered, "epoch that falls");
  }

  @Test
  void aLogThatLostItsAcknowledgedTailIsRefused() {
    append(entries(1, 1, 3));
    append(entries(1, 4, 40));
    Path wal = Damage.fileIn(folder, ".log");
    Damage.truncate(wal, Damage.size(wal) / 2);
    refusedAsCorrupt(this::recovered, folder.toString());
  }

  @Test
  void aDeletedLogIsNotTakenForANewOne() throws IOException {
    append(entries(1, 1, 3));
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    refusedAsCorrupt(this::recovered, "shorter than what was acknowledged");
  }

  @Test
  void aFlippedBitIsRefused() {
    append(entries(1, 1, 40));
    Path wal = Damage.fileIn(folder, ".log");
    Damage.flipBit(wal, (int) Damage.size(wal) / 2);
    refusedAsCorrupt(this::recovered, folder.toString());
  }

  @Test
  void aDamagedMarkOnlyWeakensTheCheck() {
    append(entries(1, 1, 3));
    Damage.flipBit(root.resolve("log.mark"), 3);
    assertThat(recovered().entries()).hasSize(3);
  }

  @Test
  void droppedEntriesAreKeptForTheOperatorUpToTheBound() {
    try (var log = LogStore.open(folder)) {
      log.quarantine(entries(1, 1, 600));
    }
    try (var log = LogStore.open(folder)) {
      log.quarantine(entries(2, 1, 600));
      var kept = log.quarantined();
      assertThat(kept).hasSize(LogStore.MAX_DROPPED);
      assertThat(kept.getFirst()).isEqualTo(entry(1, 201));
      assertThat(kept.getLast()).isEqualTo(entry(2, 600));
    }
  }
}
