package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.Publication;
import io.ringrift.kernel.consensus.Refusals;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.kernel.store.LogStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Bully mode on a voter: leases decide who leads, the leader's log is the ledger. Safe for any
/// thread.
public final class BullyConsensus implements Consensus, Mailbox {
  private final VoterParts parts;
  private final List<NodeId> voters;
  private final Inbox inbox = new Inbox();
  private final DriverMeters meters;
  private final Publication publication;
  private final ElectionDriver driver;
  private final Ledger ledger = new VoterLedger();

  private BullyConsensus(VoterParts parts) {
    this.parts = parts;
    this.voters = parts.config().voters().keySet().stream().sorted().toList();
    this.meters = new DriverMeters(parts.meters());
    // The driver recovers the promise, and says what it knows, before anyone can ask.
    this.publication =
        new Publication(
            parts.config().self(),
            Epoch.ZERO,
            parts.config().timing().lease(),
            parts.audit(),
            meters.elections);
    this.driver = new ElectionDriver(parts, inbox, publication, meters);
  }

  /// Recovers from disk, then starts.
  ///
  /// @throws Refusal STORAGE_CORRUPT, DISK_FULL or STORAGE_FAILED when the disk does not allow it
  public static BullyConsensus open(VoterSetup setup) {
    var disk =
        new StoreDisk(
            setup.folder(),
            setup.epochs(),
            LogStore::open,
            setup.audit(),
            setup.voters().size() == 1);
    return open(
        new VoterParts(
            BullyConfig.of(setup.self(), setup.voters(), setup.timing()),
            disk,
            setup.machine(),
            setup.outbox(),
            setup.ticker(),
            setup.audit(),
            setup.meters(),
            setup.onFatal()));
  }

  static BullyConsensus open(VoterParts parts) {
    try {
      var consensus = new BullyConsensus(parts);
      consensus.driver.start();
      return consensus;
    } catch (Refusal e) {
      parts.disk().close();
      throw e;
    }
  }

  @Override
  public boolean receive(NodeId from, Message message) {
    boolean taken =
        !from.equals(parts.config().self())
            && parts.config().voters().containsKey(from)
            && inbox.offer(new Work.Peer(from, message));
    if (!taken) {
      meters.dropped.increment();
    }
    return taken;
  }

  @Override
  public Leadership leadership() {
    return publication.leadership().at(parts.ticker().now());
  }

  @Override
  public boolean leadsNow(Epoch epoch) {
    return publication.leadsNow(epoch, parts.ticker().now());
  }

  @Override
  public AutoCloseable subscribe(Consumer<LeadershipEvent> subscriber) {
    return publication.subscribe(subscriber);
  }

  @Override
  public Ledger ledger() {
    return ledger;
  }

  @Override
  public List<NodeId> voters() {
    return voters;
  }

  @Override
  public Epoch stepDown(String cause) {
    var future = new CompletableFuture<Epoch>();
    submit(new Work.StepDown(cause, future), future);
    return await(future, parts.config().timing().lease());
  }

  @Override
  public NodeId transfer(Optional<NodeId> target) {
    target.ifPresent(
        id -> {
          if (id.equals(parts.config().self()) || !voters.contains(id)) {
            throw Refusal.invalid(
                "target_node_id", id.value(), "another voter of " + String.join(", ", names()));
          }
        });
    var future = new CompletableFuture<NodeId>();
    submit(new Work.Transfer(target, future), future);
    return await(future, parts.config().timing().lease().multipliedBy(2));
  }

  private List<String> names() {
    return voters.stream().map(NodeId::value).toList();
  }

  private void submit(Work work, CompletableFuture<?> future) {
    if (driver.ended()) {
      future.completeExceptionally(Refusals.shuttingDown());
    } else if (!inbox.offer(work)) {
      meters.refusals.increment();
      future.completeExceptionally(
          new Refusal(
              Reason.OVERLOADED,
              "the ledger has more waiting than it takes; wait a little and ask again"));
    } else if (driver.ended()) {
      driver.refuseRest();
    }
  }

  private static <T> T await(CompletableFuture<T> future, Duration limit) {
    try {
      return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new Refusal(Reason.UNREACHABLE, "no answer within " + limit.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(Reason.SHUTTING_DOWN, "interrupted while waiting", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Refusal refusal) {
        throw refusal;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /// Releases the lease, delivers the last events, and closes the log.
  @Override
  public void close() {
    driver.close();
  }

  private final class VoterLedger implements Ledger {
    @Override
    public CompletableFuture<Applied> propose(Epoch epoch, byte[] command) {
      if (command.length > MAX_COMMAND_BYTES) {
        return CompletableFuture.failedFuture(
            Refusal.invalid(
                "command", command.length + " bytes", "at most " + MAX_COMMAND_BYTES + " bytes"));
      }
      var future = new CompletableFuture<Applied>();
      submit(new Work.Offer(epoch, command, future), future);
      return future;
    }

    @Override
    public CompletableFuture<Long> barrier() {
      var future = new CompletableFuture<Long>();
      submit(new Work.Read(future), future);
      return future;
    }

    @Override
    public LedgerStatus status() {
      return driver.status();
    }

    @Override
    public AutoCloseable watch(Consumer<Long> watcher) {
      return publication.watch(watcher);
    }
  }
}
