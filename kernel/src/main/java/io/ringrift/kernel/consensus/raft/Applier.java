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

  Applier(String name, BatchExecution execution, Runnable onFatal) {
    this.execution = execution;
    this.onFatal = onFatal;
    this.thread = Thread.ofPlatform().daemon().name("applier-" + name).start(this::loop);
  }

  /// The disk's refusal that stopped this; empty while it goes on.
  Optional<Refusal> failure() {
    return Optional.ofNullable(failure);
  }

  /// Blocks Ratis' own thread while too much waits.
  void put(Item item) {
    try {
      waiting.put(item);
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
    var batch = new ArrayList<Item>();
    try {
      while (true) {
        batch.clear();
        batch.add(waiting.take());
        waiting.drainTo(batch, BATCH - 1);
        if (!process(batch)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      LOG.warn("the applier was interrupted and ends");
    } catch (RuntimeException | Error e) {
      LOG.error("a broken invariant stops this node: {}", e.getMessage(), e);
      failure = Refusals.shuttingDown();
      batch.forEach(Applier::refuse);
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
    try {
      work.run();
      done.complete(null);
    } catch (IOException | Refusal e) {
      done.completeExceptionally(e);
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
  }

  /// Executes what waits, then ends; waits at most five seconds.
  @Override
  public void close() {
    if (!waiting.offer(new Item.Stop())) {
      thread.interrupt();
    }
    try {
      thread.join(LAST_WORDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    refuseRest();
  }
}
