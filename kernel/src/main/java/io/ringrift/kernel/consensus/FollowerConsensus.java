package io.ringrift.kernel.consensus;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Consensus on a node that is no voter: it repeats what voters told it about who leads, forgets a
/// leader that none of them has named for one lease, and has no ledger. Safe for any thread. It has
/// no thread of its own: membership asks it more often than once a heartbeat.
public final class FollowerConsensus implements Consensus {
  private final List<NodeId> voters;
  private final Ticker ticker;
  private final Duration lease;
  private final LeadershipFeed feed = new LeadershipFeed();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Leadership leadership;
  private volatile Moment forgetAt = Moment.MIN;

  /// @param voters configured voters
  /// @param known greatest epoch known from before the restart
  /// @param lease how long a leader is believed in after it was last named
  public FollowerConsensus(List<NodeId> voters, Epoch known, Ticker ticker, Duration lease) {
    this.voters = voters.stream().sorted().toList();
    this.ticker = ticker;
    this.lease = lease;
    this.leadership = Leadership.unknown(known);
    feed.announce(leadership);
  }

  /// A voter said who leads; news of an epoch that is past change nothing.
  public void advertise(NodeId leader, Epoch epoch) {
    lock.lock();
    try {
      Leadership current = leadership;
      if (epoch.isBefore(current.epoch())) {
        return;
      }
      if (!epoch.equals(current.epoch()) || leads(current, leader) || current.leader().isEmpty()) {
        forgetAt = ticker.now().plus(lease);
      }
      boolean news =
          epoch.isAfter(current.epoch())
              || (epoch.equals(current.epoch()) && current.leader().isEmpty());
      if (news) {
        leadership = new Leadership(Role.FOLLOWER, Optional.of(leader), epoch, Moment.MIN);
        feed.announce(leadership);
      }
    } finally {
      lock.unlock();
    }
  }

  private static boolean leads(Leadership current, NodeId leader) {
    return current.leader().equals(Optional.of(leader));
  }

  @Override
  public Leadership leadership() {
    Leadership current = leadership;
    boolean silent = current.leader().isPresent() && !ticker.now().isBefore(forgetAt);
    return silent ? forgotten() : current;
  }

  private Leadership forgotten() {
    lock.lock();
    try {
      if (!ticker.now().isBefore(forgetAt)) {
        leadership = Leadership.unknown(leadership.epoch());
        feed.announce(leadership);
      }
      return leadership;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean leadsNow(Epoch epoch) {
    return false;
  }

  @Override
  public AutoCloseable subscribe(Consumer<LeadershipEvent> subscriber) {
    return feed.subscribe(subscriber);
  }

  @Override
  public Ledger ledger() {
    return new NoLedger();
  }

  @Override
  public List<NodeId> voters() {
    return voters;
  }

  @Override
  public Epoch stepDown(String cause) {
    throw refusal("step down");
  }

  @Override
  public NodeId transfer(Optional<NodeId> target) {
    throw refusal("transfer leadership");
  }

  private Refusal refusal(String what) {
    return Refusals.notLeader(leadership(), what);
  }

  @Override
  public void close() {
    feed.close();
  }

  /// Refuses everything but to say that there is nothing here.
  private final class NoLedger implements Ledger {
    @Override
    public CompletableFuture<Applied> propose(Epoch epoch, byte[] command) {
      return CompletableFuture.failedFuture(refusal("propose"));
    }

    @Override
    public CompletableFuture<Long> barrier() {
      return CompletableFuture.failedFuture(refusal("read"));
    }

    @Override
    public LedgerStatus status() {
      return new LedgerStatus(LogPosition.START, 0, 0, 0, "");
    }

    @Override
    public AutoCloseable watch(Consumer<Long> watcher) {
      return () -> {};
    }
  }
}
