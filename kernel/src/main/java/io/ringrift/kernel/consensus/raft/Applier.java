package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.Refusals;
import io.ringrift.ledger.v1.RaftEntry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that touches the ledger's state machine: takes whatever waits, executes it as one
/// batch, and answers strictly in order. A disk that fails stops it for good: the division is
/// closed then and opened again with a new one. A broken invariant stops the node.
final class Applier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Applier.class);
  private static final int BATCH = 512;
  private static final int WAITING = 4_096;
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  /// What waits.
  sealed interface Item {
    /// An entry of ours.
    record Ours(TermIndex at, RaftEntry entry, CompletableFuture<Message> answer) implements Item {}

    /// An entry of Ratis' own: only its place matters.
    record Theirs(TermIndex at) implements Item {}

    /// Something else that touches the machine, between two batches.
    record Job(DiskWork work, CompletableFuture<Void> done) implements Item {}

    /// The end.
    record Stop() implements Item {}
  }

  /// Work on the disk.
  @FunctionalInterface
  interface DiskWork {
    void run() throws IOException;
  }

  private final LinkedBlockingQueue<Item> waiting = new LinkedBlockingQueue<>(WAITING);
  private final BatchExecution execution;
  private final Runnable onFatal;
  private final Thread thread;
  private volatile @Nullable Refusal failure;

  /// What is being executed, or was last; no list is changed once it stands here.
  private volatile List<Item> underWay = List.of();

  private volatile boolean busyAside;
  private volatile boolean abandoned;

  Applier(String name, BatchExecution execution, Runnable onFatal) {
    this.execution = execution;
    this.onFatal = onFatal;
    this.thread = Thread.ofPlatform().daemon().name("applier-" + name).start(this::loop);
  }

  /// The disk's refusal that stopped this; empty while it goes on.
  Optional<Refusal> failure() {
    return Optional.ofNullable(failure);
  }

  /// Whether it is busy with something other than the log.
  boolean busyAside() {
    return busyAside;
  }

  /// Whether nothing of this touches the machine any more.
  boolean ended() {
    return !thread.isAlive();
  }

  /// Waits until nothing of this touches the machine any more.
  ///
  /// @return false when it still does after that time
  boolean awaitEnd(Duration limit) throws InterruptedException {
    return thread.join(limit);
  }

  /// Executes nothing more, and answers all that waits. What is being executed goes on until it
  /// ends, and with it the thread. Any thread; does not block.
  void abandon() {
    failure = Refusals.shuttingDown();
    abandoned = true;
    underWay.forEach(Applier::refuse);
    refuseRest();
  }

  /// Blocks Ratis' own thread while too much waits.
  void put(Item item) {
    try {
      waiting.put(item);
      if (abandoned) {
        refuseRest();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while handing over " + item, e);
    }
  }

  /// Runs work between two batches and waits for it.
  ///
  /// @throws IOException when the disk refused it
  void run(DiskWork work) throws IOException {
    var done = new CompletableFuture<Void>();
    put(new Item.Job(work, done));
    try {
      done.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the disk", e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause() == null ? e : e.getCause());
    }
  }

  private void loop() {
    try {
      do {
        var batch = new ArrayList<Item>();
        batch.add(waiting.take());
        waiting.drainTo(batch, BATCH - 1);
        underWay = batch;
      } while (process(underWay) && !abandoned);
    } catch (InterruptedException e) {
      LOG.warn("the applier was interrupted and ends");
    } catch (RuntimeException | Error e) {
      LOG.error("a broken invariant stops this node: {}", e.getMessage(), e);
      failure = Refusals.shuttingDown();
      underWay.forEach(Applier::refuse);
      onFatal.run();
      refuseRest();
    }
  }

  /// @return false at the end
  private boolean process(List<Item> batch) {
    int from = 0;
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i) instanceof Item.Job(var work, var done)) {
        execute(batch.subList(from, i));
        from = i + 1;
        perform(work, done);
      } else if (batch.get(i) instanceof Item.Stop) {
        execute(batch.subList(from, i));
        batch.subList(i + 1, batch.size()).forEach(Applier::refuse);
        return false;
      }
    }
    execute(batch.subList(from, batch.size()));
    return true;
  }

  private void execute(List<Item> items) {
    if (items.isEmpty()) {
      return;
    }
    if (failure != null) {
      items.forEach(Applier::refuse);
      return;
    }
    try {
      execution.execute(items);
    } catch (Refusal e) {
      if (!Refusals.ofTheDisk(e)) {
        throw new IllegalStateException("the state machine refused: " + e.text(), e);
      }
      failure = e;
      items.forEach(Applier::refuse);
    }
  }

  private void perform(DiskWork work, CompletableFuture<Void> done) {
    Refusal failed = failure;
    if (failed != null) {
      done.completeExceptionally(failed);
      return;
    }
    busyAside = true;
    try {
      work.run();
      done.complete(null);
    } catch (IOException | Refusal e) {
      done.completeExceptionally(e);
    } finally {
      busyAside = false;
    }
  }

  private static void refuse(Item item) {
    switch (item) {
      case Item.Ours(_, _, var answer) -> answer.completeExceptionally(Refusals.shuttingDown());
      case Item.Job(_, var done) -> done.completeExceptionally(Refusals.shuttingDown());
      case Item.Theirs _, Item.Stop _ -> {}
    }
  }

  private void refuseRest() {
    var rest = new ArrayList<Item>();
    waiting.drainTo(rest);
    rest.forEach(Applier::refuse);
    if (abandoned) {
      // The end may have been among them, or the thread waits for something to come.
      var _ = waiting.offer(new Item.Stop());
    }
  }

  /// Executes what waits, then ends; waits at most five seconds, and abandons the rest then.
  @Override
  public void close() {
    boolean isOver = false;
    try {
      isOver = !abandoned && waiting.offer(new Item.Stop()) && thread.join(LAST_WORDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!isOver) {
      abandon();
    }
    abandoned = true; // what comes now is refused
    refuseRest();
  }
}
