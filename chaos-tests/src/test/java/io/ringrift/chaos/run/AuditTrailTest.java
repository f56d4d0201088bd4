package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.store.FileAudit;
import io.ringrift.kernel.time.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Streams that are written by the product's own class, and what is read of them.
final class AuditTrailTest {
  private static final String AA = "00000000000000aa";
  private static final String BB = "00000000000000bb";

  private final AtomicLong now = new AtomicLong();
  private final RunClock clock = new RunClock(() -> new Moment(now.get()));
  @TempDir Path folder;

  private AuditTrail trail(int capacity) {
    return new AuditTrail(Map.of("n1", folder), clock, capacity);
  }

  /// A life of the node whose own clock began at that time of the run.
  private FileAudit life(String boot, long began) {
    return new FileAudit(
        folder.resolve("audit.jsonl"),
        new NodeId("n1"),
        BootId.parse(boot),
        () -> new Moment(now.get() - began),
        Set.of());
  }

  private RunEvidence told(AuditTrail trail, int capacity) {
    var recorder = new EvidenceRecorder(capacity);
    trail.record(recorder);
    var setting =
        new Setting(
            "s",
            "",
            "process",
            "http",
            "bully",
            1,
            "",
            List.of("n1"),
            List.of("n1"),
            Duration.ZERO,
            Duration.ZERO);
    return recorder.evidence(setting, Expectations.NONE, new History(clock, 1));
  }

  @Test
  void everyLifeOfANodeIsPutOnTheClockOfTheRun() {
    var trail = trail(100);
    now.set(1000);
    try (var one = life(AA, 400)) {
      one.record("vote-granted", new Epoch(3), Map.of("to", "n2"));
      trail.look();
      now.set(1500);
      one.record("member-state", Epoch.ZERO, Map.of("to", "DEAD"));
      one.record("epoch-seen", new Epoch(4), Map.of());
      trail.look();
    }
    now.set(9000);
    try (var other = life(BB, 8800)) {
      other.record("boot", new Epoch(4), Map.of());
      now.set(9400);
      // Seen late: the earlier one told the clock of this life.
      trail.look();
      other.record("elected", new Epoch(5), Map.of("leader", "n1"));
      trail.look();
      now.set(9500);
      other.record("renewed", new Epoch(5), Map.of());
      now.set(9900);
      trail.look();
    }
    assertThat(told(trail, 100).audit())
        .extracting(AuditRecord::atNanos, AuditRecord::boot, AuditRecord::kind, AuditRecord::epoch)
        .containsExactly(
            tuple(1000L, AA, "vote-granted", 3L),
            tuple(1500L, AA, "epoch-seen", 4L),
            tuple(9000L, BB, "boot", 4L),
            tuple(9400L, BB, "elected", 5L),
            tuple(9500L, BB, "renewed", 5L));
  }

  @Test
  void whatLayInAFolderThatWasReplacedStaysEvidenceOnce() throws IOException {
    var trail = trail(100);
    Path copy = folder.resolve("copy");
    try (var one = life(AA, 0)) {
      one.record("epoch-seen", new Epoch(1), Map.of());
      Files.copy(folder.resolve("audit.jsonl"), copy);
      one.record("epoch-seen", new Epoch(2), Map.of());
    }
    trail.look();
    Files.delete(folder.resolve("audit.jsonl"));
    trail.look();
    Files.move(copy, folder.resolve("audit.jsonl"));
    trail.look();
    try (var other = life(BB, 0)) {
      other.record("epoch-seen", new Epoch(3), Map.of());
    }
    trail.look();
    assertThat(told(trail, 100).audit()).extracting(AuditRecord::epoch).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aLineThatIsTornOrMissingIsAGapAndALineThatIsNotWholeIsAwaited() throws IOException {
    var trail = trail(100);
    Path file = folder.resolve("audit.jsonl");
    try (var one = life(AA, 0)) {
      one.record("boot", Epoch.ZERO, Map.of());
      one.record("epoch-seen", new Epoch(1), Map.of());
      one.record("epoch-seen", new Epoch(2), Map.of());
    }
    List<String> lines = Files.readAllLines(file);
    Files.writeString(file, lines.get(0) + "\n" + lines.get(1).substring(0, 20) + "\n");
    trail.look();
    String last = lines.get(2);
    Files.writeString(file, last.substring(0, 30), StandardOpenOption.APPEND);
    trail.look();
    assertThat(told(trail, 100).audit())
        .extracting(AuditRecord::kind)
        .containsExactlyInAnyOrder("boot", "gap");
    Files.writeString(file, last.substring(30) + "\n", StandardOpenOption.APPEND);
    trail.look();
    RunEvidence run = told(trail, 100);
    assertThat(run.audit())
        .extracting(AuditRecord::kind)
        .containsExactlyInAnyOrder("boot", "gap", "epoch-seen", "gap");
    assertThat(run.audit()).anyMatch(record -> record.detail("missing").equals("1"));
    assertThat(run.notes()).contains("the audit of n1 has a damaged line");
  }

  @Test
  void aStreamThatCannotBeReadIsAGapAndOneThatIsNotThereIsNot() throws IOException {
    var trail = trail(10);
    trail.look();
    assertThat(told(trail, 10).audit()).isEmpty();
    Path file = folder.resolve("audit.jsonl");
    try (var one = life(AA, 0)) {
      one.record("boot", Epoch.ZERO, Map.of());
    }
    Files.writeString(file, "no record\n", StandardOpenOption.APPEND);
    trail.look();
    RunEvidence run = told(trail, 10);
    assertThat(run.audit())
        .extracting(AuditRecord::node, AuditRecord::kind)
        .containsExactlyInAnyOrder(tuple("n1", "boot"), tuple("n1", "gap"));
  }

  @Test
  void moreThanIsKeptIsTold() {
    var trail = trail(2);
    try (var one = life(AA, 0)) {
      for (int i = 1; i < 5; i++) {
        one.record("epoch-seen", new Epoch(i), Map.of());
      }
    }
    trail.look();
    RunEvidence run = told(trail, 10);
    assertThat(run.audit()).hasSize(2);
    assertThat(run.lacks(Part.AUDIT)).isTrue();
  }
}
