package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/// Receives one big file in ranges from several sources at once. A source that fails is left out,
/// and the others go on where it ended; one that is too slow with the last ranges loses them to
/// others. Sources beyond the first take turns of the intake that nobody else waits for. Blocks;
/// safe for many threads, each with a file of its own.
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
          for (Source other : sources) {
            if (first.differs(other.node())) {
              blame(other, wanted);
            }
          }
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

  /// One try to bring all open ranges.
  private final class Attempt {
    private final Content wanted;
    private final RangedFile file;
    private final RangeBoard board;
    private final Queue<Source> idle;
    private final Queue<RangeHold.Part> given = new ConcurrentLinkedQueue<>();
    private final List<Refusal> failures = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong received = new AtomicLong();
    private final AtomicInteger spares = new AtomicInteger();

    Attempt(Content wanted, RangedFile file, List<Source> sources) {
      this.wanted = wanted;
      this.file = file;
      this.board = new RangeBoard(intake.ticker(), file.open());
      this.idle = new ConcurrentLinkedQueue<>(sources);
    }

    Set<NodeId> givers() {
      return given.stream().map(RangeHold.Part::node).collect(Collectors.toSet());
    }

    /// Whether a node gave something else than the file has now.
    boolean differs(NodeId node) throws IOException {
      for (var part : given) {
        if (part.node().equals(node) && file.sum(part.from(), part.end()) != part.sum()) {
          return true;
        }
      }
      return false;
    }

    long run() throws IOException, InterruptedException {
      while (board.isOpen() && !idle.isEmpty()) {
        try {
          together();
        } finally {
          while (giveBack()) {}
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
      // One more than there are ranges: for the last one, if its source is slow.
      int useful = Math.min(idle.size(), file.open().size() + 1);
      int most = Math.min(config.ranges().maxSources(), useful);
      var work = new ArrayList<Callable<Boolean>>();
      work.add(() -> new Worker().bring());
      while (work.size() < most && intake.beginSpare()) {
        spares.incrementAndGet();
        work.add(() -> new Worker().bring());
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

    /// Gives back a turn beyond the caller's own. As many workers as there are turns have begun,
    /// and it does not matter which of them goes.
    private boolean giveBack() {
      boolean spare = spares.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
      if (spare) {
        intake.end();
      }
      return spare;
    }

    private void settle(RangeHold hold) throws IOException {
      var part = hold.part();
      if (part.size() > 0) {
        received.addAndGet(part.size());
        given.add(part);
        file.mark(part);
      }
    }

    /// One source at a time brings ranges. One thread.
    private final class Worker {
      private Duration usual = config.idleTimeout();
      private boolean left;

      /// Brings ranges from one source, and from the next when it fails.
      Boolean bring() throws IOException, InterruptedException {
        boolean ended = false;
        try {
          for (Source source = idle.poll(); source != null; source = idle.poll()) {
            if (from(source)) {
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
          if (!left) {
            giveBack();
          }
        }
      }

      /// A turn is given back once somebody waits for it, while another worker goes on.
      private boolean leaves() {
        left = left || (intake.isWanted() && giveBack());
        return left;
      }

      /// @return false when the source failed
      private boolean from(Source source) throws IOException, InterruptedException {
        try {
          for (var hold = board.take(source.node(), usual, this::leaves);
              hold.isPresent();
              hold = board.take(source.node(), usual, this::leaves)) {
            one(source, hold.get());
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

      private void one(Source source, RangeHold hold) throws IOException, InterruptedException {
        boolean brought = false;
        try {
          if (hold.before().isPresent()) {
            settle(hold.before().get());
          }
          read(source, hold);
          brought = file.next(hold.range()) == file.end(hold.range());
        } catch (Refusal | InterruptedException | RangeHold.Taken e) {
          bad.late(source.node(), wanted);
          if (!hold.isTaken()) {
            throw e;
          }
        } finally {
          board.end(hold, brought);
        }
        if (brought) {
          usual = intake.ticker().now().since(hold.began());
        }
      }

      private void read(Source source, RangeHold hold) throws IOException, InterruptedException {
        try {
          long from = file.next(hold.range());
          if (hold.read(from)) {
            var rest = new SourceReader.Stretch(from, file.end(hold.range()));
            reader.read(source, wanted, rest, bytes -> hold.write(file, bytes));
          }
        } finally {
          if (hold.close()) {
            settle(hold);
          }
        }
      }
    }
  }
}
