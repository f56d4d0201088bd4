package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/// Receives one big file in ranges from several sources at once. A source that fails is left out,
/// and the others bring what it did not. Sources beyond the first take turns of the intake that
/// nobody else waits for. Blocks; safe for many threads, each with a file of its own.
final class RangedTransfer {
  private final SyncConfig config;
  private final Intake intake;
  private final SourceReader reader;
  private final BadSources bad;

  RangedTransfer(SyncConfig config, Intake intake, SourceReader reader, BadSources bad) {
    this.config = config;
    this.intake = intake;
    this.reader = reader;
    this.bad = bad;
  }

  /// Brings everything that the file lacks; the caller has the first turn already.
  ///
  /// @param sources at least one, in order of preference
  /// @return bytes received
  /// @throws Refusal of the last source that failed, with ranges left; what came is kept for the
  ///   next try unless the whole was wrong
  long receive(Content wanted, List<Source> sources, RangedFile file)
      throws IOException, InterruptedException {
    boolean resumed = file.missing() < wanted.size();
    var first = new Attempt(wanted, file, sources);
    long received = first.run();
    if (file.sha256().equals(wanted.sha256())) {
      return received;
    }
    return received + again(wanted, sources, file, resumed ? Set.of() : first.givers(), first);
  }

  /// The parts had right checksums and the whole is wrong: from one source after the other, until
  /// the whole is right. That tells who sent what else.
  private long again(
      Content wanted, List<Source> sources, RangedFile file, Set<NodeId> suspects, Attempt first)
      throws IOException, InterruptedException {
    Refusal last = first.lastFailure();
    for (Source source : bad.usable(wanted, sources)) {
      file.restart();
      if (suspects.equals(Set.of(source.node()))) {
        last = blame(source, wanted);
        continue;
      }
      try {
        var alone = new Attempt(wanted, file, List.of(source));
        long received = alone.run();
        if (file.sha256().equals(wanted.sha256())) {
          sources.stream()
              .filter(other -> first.differs(other.node(), alone))
              .forEach(other -> blame(other, wanted));
          return received;
        }
        last = blame(source, wanted);
      } catch (Refusal refusal) {
        last = refusal;
      }
    }
    file.delete();
    throw last;
  }

  private Refusal blame(Source source, Content wanted) {
    var refusal =
        SourceReader.mismatch(wanted.path(), source, "sent other content than " + wanted.sha256());
    bad.note(source.node(), wanted, refusal.text());
    return refusal;
  }

  /// Who gave a range, and its CRC32C.
  private record Given(NodeId node, int sum) {}

  /// One try to bring all open ranges.
  private final class Attempt {
    private final Content wanted;
    private final RangedFile file;
    private final RangeBoard board;
    private final Queue<Source> idle;
    private final Map<Integer, Given> given = new ConcurrentHashMap<>();
    private final List<Refusal> failures = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong received = new AtomicLong();
    private final AtomicInteger spares = new AtomicInteger();

    Attempt(Content wanted, RangedFile file, List<Source> sources) {
      this.wanted = wanted;
      this.file = file;
      this.board = new RangeBoard(file.open());
      this.idle = new ConcurrentLinkedQueue<>(sources);
    }

    Set<NodeId> givers() {
      var nodes = new HashSet<NodeId>();
      given.values().forEach(one -> nodes.add(one.node()));
      return nodes;
    }

    /// Whether a node gave something else than another attempt has for the same range.
    boolean differs(NodeId node, Attempt other) {
      return given.entrySet().stream()
          .filter(one -> one.getValue().node().equals(node))
          .anyMatch(
              one -> {
                var right = other.given.get(one.getKey());
                return right != null && right.sum() != one.getValue().sum();
              });
    }

    long run() throws IOException, InterruptedException {
      while (board.isOpen() && !idle.isEmpty()) {
        try {
          together();
        } finally {
          while (spares.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            intake.end();
          }
        }
      }
      if (board.isOpen()) {
        throw lastFailure();
      }
      return received.get();
    }

    Refusal lastFailure() {
      return failures.isEmpty()
          ? new Refusal(Reason.FILE_NOT_FOUND, "no node to read " + wanted.path() + " from")
          : failures.getLast();
    }

    private void together() throws IOException, InterruptedException {
      int most = Math.min(config.ranges().maxSources(), Math.min(idle.size(), file.open().size()));
      var work = new ArrayList<Callable<Boolean>>();
      work.add(() -> bring(false));
      while (work.size() < most && intake.beginSpare()) {
        spares.incrementAndGet();
        work.add(() -> bring(true));
      }
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (var one : threads.invokeAll(work)) {
          one.get();
        }
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException failed) {
          throw failed;
        }
        throw new IllegalStateException("ranges failed in no known way", e.getCause());
      }
    }

    /// Brings ranges from one source, and from the next when it fails.
    private Boolean bring(boolean spare) throws IOException, InterruptedException {
      boolean ended = false;
      try {
        for (Source source = idle.poll(); source != null; source = idle.poll()) {
          if (from(source, spare)) {
            idle.add(source);
            break;
          }
        }
        ended = true;
        return true;
      } finally {
        if (!ended) {
          board.stop();
        }
      }
    }

    /// @return false when the source failed
    private boolean from(Source source, boolean spare) throws IOException, InterruptedException {
      try {
        for (var next = next(spare); next.isPresent(); next = next(spare)) {
          int range = next.getAsInt();
          boolean brought = false;
          try {
            given.put(range, one(source, range));
            brought = true;
          } finally {
            board.end(range, brought);
          }
        }
        return true;
      } catch (Refusal refusal) {
        if (refusal.details().containsKey(SourceReader.BLAMED)) {
          bad.note(source.node(), wanted, refusal.text());
        }
        failures.add(refusal);
        return false;
      }
    }

    /// A spare turn is given back once somebody waits for it.
    private OptionalInt next(boolean spare) throws InterruptedException {
      if (spare && intake.isWanted()) {
        if (spares.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
          intake.end();
        }
        return OptionalInt.empty();
      }
      return board.take();
    }

    private Given one(Source source, int range) throws IOException, InterruptedException {
      var sum = new CRC32C();
      var at = new AtomicLong(file.start(range));
      received.addAndGet(
          reader.read(
              source,
              wanted,
              new SourceReader.Stretch(file.start(range), file.end(range)),
              bytes -> {
                int size = bytes.remaining();
                sum.update(bytes.duplicate());
                file.write(at.getAndAdd(size), bytes);
              }));
      file.mark(range, (int) sum.getValue());
      return new Given(source.node(), (int) sum.getValue());
    }
  }
}
