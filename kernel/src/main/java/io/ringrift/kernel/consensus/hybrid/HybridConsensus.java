package io.ringrift.kernel.consensus.hybrid;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.kernel.consensus.raft.RaftConsensus;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hybrid mode on a voter: Raft's consensus in everything, and a leader that hands over to a voter
/// that outranks it. Without a Raft leader nobody leads. Safe for any thread.
public final class HybridConsensus implements Consensus {
  private static final Logger LOG = LoggerFactory.getLogger(HybridConsensus.class);
  private static final int CHECKS = 4;

  private final RaftConsensus raft;
  private final Settings settings;
  private final Arbiter arbiter;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /// Whether the voters are being changed.
  private volatile boolean changing;

  /// Who is preferred, and how eagerly.
  ///
  /// @param priorities every configured voter; greater ranks higher, then the greater node id
  /// @param steady how long a voter has to be healthy and caught up before it is nominated
  /// @param pause least gap between two nominations
  /// @param alive voters that membership holds to be alive now; must not block
  public record Settings(
      NodeId self,
      Map<NodeId, Integer> priorities,
      Duration steady,
      Duration pause,
      Supplier<Set<NodeId>> alive) {}

  private HybridConsensus(RaftConsensus raft, Settings settings, Ticker ticker) {
    this.raft = raft;
    this.settings = settings;
    this.arbiter =
        new Arbiter(settings.self(), settings.priorities(), settings.steady(), settings.pause());
    this.thread =
        Thread.ofPlatform().daemon().name("arbiter-" + settings.self()).start(() -> watch(ticker));
  }

  /// Takes the consensus over and closes it in the end.
  public static HybridConsensus over(RaftConsensus raft, Settings settings, Ticker ticker) {
    return new HybridConsensus(raft, settings, ticker);
  }

  private void watch(Ticker ticker) {
    long every = Math.max(50, settings.steady().toMillis() / CHECKS);
    try {
      while (!closing.await(every, TimeUnit.MILLISECONDS)) {
        round(ticker.now());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// What goes wrong in one round is no reason to prefer nobody for as long as this node runs.
  private void round(Moment now) {
    try {
      Optional<Epoch> office = Optional.of(raft.leadership().epoch()).filter(raft::leadsNow);
      arbiter.step(now, office, changing, prepared()).ifPresent(this::handOver);
    } catch (RuntimeException e) {
      LOG.error("the preferred voter could not be looked for; the next round tries again", e);
    }
  }

  private Set<NodeId> prepared() {
    return settings.alive().get().stream().filter(raft::caughtUp).collect(Collectors.toSet());
  }

  private void handOver(NodeId preferred) {
    try {
      LOG.info("{} outranks this node and is ready: leadership goes there", preferred);
      var _ = raft.transfer(Optional.of(preferred));
    } catch (Refusal e) {
      LOG.warn("the preferred voter did not take over: {}", e.text());
    }
  }

  /// Raft's own view, for `/raft/status`.
  public RaftConsensus raft() {
    return raft;
  }

  @Override
  public Leadership leadership() {
    return raft.leadership();
  }

  @Override
  public boolean leadsNow(Epoch epoch) {
    return raft.leadsNow(epoch);
  }

  @Override
  public AutoCloseable subscribe(Consumer<LeadershipEvent> subscriber) {
    return raft.subscribe(subscriber);
  }

  @Override
  public Ledger ledger() {
    return raft.ledger();
  }

  @Override
  public List<NodeId> voters() {
    return raft.voters();
  }

  @Override
  public List<NodeId> electorate() {
    return raft.electorate();
  }

  @Override
  public boolean keepsVoters() {
    return raft.keepsVoters();
  }

  @Override
  public void introduce(Map<NodeId, Endpoint> addresses) {
    changing = !addresses.isEmpty();
    raft.introduce(addresses);
  }

  @Override
  public void reconfigure(List<NodeId> from, List<NodeId> voters) {
    raft.reconfigure(from, voters);
  }

  @Override
  public Epoch stepDown(String cause) {
    return raft.stepDown(cause);
  }

  @Override
  public NodeId transfer(Optional<NodeId> target) {
    return raft.transfer(target);
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    raft.close();
  }
}
