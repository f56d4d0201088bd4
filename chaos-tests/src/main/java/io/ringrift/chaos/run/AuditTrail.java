package io.ringrift.chaos.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.history.RunClock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Reads the audit streams of nodes past the nodes, all the time: so nothing is lost with a folder
/// that a fault empties, and the time of each life of a node is known. A node counts time from its
/// own start; of all its records that which was seen soonest tells how far its clock is from the
/// run's, to at most the pause between two looks. Bounded; the records of a stream that were
/// skipped are told as a gap. Safe for any thread.
final class AuditTrail implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FILE = "audit.jsonl";
  private static final long PAUSE_NANOS = 50_000_000;
  private static final int MOST_AT_ONCE = 4 << 20;
  private static final int MOST_LIVES = 1000;
  private static final int MOST_PROBLEMS = 10;

  /// What a checker reads; views of members are samples already.
  private static final Set<String> KEPT =
      Set.of(
          "boot",
          "vote-granted",
          "elected",
          "renewed",
          "stepped-down",
          "epoch-seen",
          "effect-accepted",
          "effect-rejected",
          "job-start",
          "carried-over",
          "turned-back",
          AuditRecord.CORRUPT_FOUND,
          AuditRecord.GAP);

  /// One file, from one creation to the next.
  private static final class Stream {
    private Object key = "";
    private long read;
  }

  /// A node from one start to its end.
  private record Life(String node, String boot) {}

  /// What is known of the time and the numbers of one life.
  private static final class Progress {
    private long offset = Long.MAX_VALUE;
    private long last;
  }

  private final Map<String, Path> files;
  private final RunClock clock;
  private final int capacity;
  private final Map<String, Stream> streams = new HashMap<>();
  private final Map<Life, Progress> lives = new HashMap<>();

  /// With times of the nodes' own.
  private final List<AuditRecord> records = new ArrayList<>();

  /// By node what is wrong with its stream, and when it was first seen.
  private final Map<String, Map<String, Long>> problems = new LinkedHashMap<>();

  private boolean full;
  private volatile boolean over;

  /// @param folders state folder by node; they need not be there yet
  /// @param capacity most records kept
  AuditTrail(Map<String, Path> folders, RunClock clock, int capacity) {
    this.files = new LinkedHashMap<>();
    folders.forEach((node, folder) -> files.put(node, folder.resolve(FILE)));
    this.clock = clock;
    this.capacity = capacity;
  }

  /// Looks again and again from now on.
  ///
  /// @param failed told why it does not any more
  AuditTrail start(Consumer<String> failed) {
    Thread.ofVirtual()
        .name("audit-trail")
        .uncaughtExceptionHandler(Threads.telling(failed))
        .start(
            () -> {
              while (!over) {
                look();
                LockSupport.parkNanos(PAUSE_NANOS);
              }
            });
    return this;
  }

  /// Reads what is new.
  synchronized void look() {
    files.forEach(
        (node, file) -> {
          try {
            look(node, file);
          } catch (IOException e) {
            // A fault may have taken the folder away between two steps.
            if (Files.exists(file)) {
              problem(node, "cannot be read: " + e);
            }
          }
        });
  }

  private void look(String node, Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return;
    }
    Stream stream = streams.computeIfAbsent(node, _ -> new Stream());
    Object key = Files.getAttribute(file, "unix:ino");
    if (!key.equals(stream.key) || Files.size(file) < stream.read) {
      stream.key = key;
      stream.read = 0;
    }
    byte[] more = more(file, stream.read);
    int whole = 0;
    long seen = clock.nanos();
    for (int i = 0; i < more.length; i++) {
      if (more[i] == '\n') {
        line(node, new String(more, whole, i - whole, StandardCharsets.UTF_8), seen);
        whole = i + 1;
      }
    }
    stream.read += whole;
  }

  private static byte[] more(Path file, long from) throws IOException {
    try (var in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(from);
      var bytes = new byte[(int) Math.max(0, Math.min(MOST_AT_ONCE, in.length() - from))];
      int count = 0;
      while (count < bytes.length) {
        int read = in.read(bytes, count, bytes.length - count);
        if (read < 0) {
          return Arrays.copyOf(bytes, count);
        }
        count += read;
      }
      return bytes;
    }
  }

  private void line(String node, String line, long seen) {
    JsonNode tree;
    try {
      tree = JSON.readTree(line);
    } catch (JsonProcessingException damaged) {
      // The number that it lacks shows as a gap.
      problem(node, "has a damaged line");
      return;
    }
    var life = new Life(node, tree.path("boot").asText());
    if (lives.size() >= MOST_LIVES && !lives.containsKey(life)) {
      full = true;
      return;
    }
    Progress progress = lives.computeIfAbsent(life, _ -> new Progress());
    long seq = tree.path("seq").asLong();
    long own = tree.path("mono_ns").asLong();
    if (seq <= progress.last) {
      return;
    }
    progress.offset = Math.min(progress.offset, seen - own);
    if (seq > progress.last + 1) {
      keep(life, seq, own, AuditRecord.GAP, 0, Map.of("missing", "" + (seq - progress.last - 1)));
    }
    progress.last = seq;
    var details = new LinkedHashMap<String, String>();
    tree.path("details").properties().forEach(e -> details.put(e.getKey(), e.getValue().asText()));
    keep(life, seq, own, tree.path("kind").asText(), tree.path("epoch").asLong(), details);
  }

  private void problem(String node, String what) {
    var seen = problems.computeIfAbsent(node, _ -> new LinkedHashMap<>());
    if (seen.size() < MOST_PROBLEMS) {
      var _ = seen.putIfAbsent(what, clock.nanos());
    }
  }

  private void keep(
      Life life, long seq, long own, String kind, long epoch, Map<String, String> details) {
    if (!KEPT.contains(kind)) {
      return;
    }
    if (records.size() >= capacity) {
      full = true;
      return;
    }
    records.add(new AuditRecord(own, life.node(), life.boot(), seq, kind, epoch, details));
  }

  /// Hands over everything on the run's clock.
  synchronized void record(EvidenceRecorder recorder) {
    for (AuditRecord own : records) {
      long at =
          own.atNanos()
              + Objects.requireNonNull(lives.get(new Life(own.node(), own.boot()))).offset;
      recorder.audit(
          new AuditRecord(
              at, own.node(), own.boot(), own.seq(), own.kind(), own.epoch(), own.details()));
    }
    if (full) {
      recorder.cut(Part.AUDIT);
    }
    problems.forEach(
        (node, seen) ->
            seen.forEach(
                (what, at) -> {
                  recorder.note("the audit of " + node + " " + what);
                  recorder.audit(
                      new AuditRecord(
                          at, node, "", 0, AuditRecord.GAP, 0, Map.of("problem", what)));
                }));
  }

  @Override
  public void close() {
    over = true;
  }
}
