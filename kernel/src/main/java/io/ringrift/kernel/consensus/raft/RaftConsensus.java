package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.consensus.Publication;
import io.ringrift.kernel.consensus.Refusals;
import io.ringrift.kernel.consensus.ledger.Ledger;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;
import org.apache.ratis.thirdparty.io.grpc.NameResolverRegistry;
import org.jspecify.annotations.Nullable;

/// Raft mode on a voter: Ratis decides who leads and keeps the log; the office of each leader gets
/// its epoch from the log. Safe for any thread.
public final class RaftConsensus implements Consensus {
  private static final Duration RECONFIGURE = Duration.ofSeconds(30);

  private final RaftSetup setup;
  private final PeerNames names;
  private final Publication publication;
  private final Proposals proposals;
  private final Divisions divisions;
  private final RaftDriver driver;
  private final Handover handover;
  private final RaftLedger ledger;

  /// The last change of configuration that was asked for; under way until it is done.
  private volatile @Nullable CompletableFuture<RaftClientReply> configuring;

  /// Raft ports of the voters of the list that a change leads to; empty for none.
  private volatile Map<NodeId, Endpoint> introduced = Map.of();

  private RaftConsensus(RaftSetup setup, UnaryOperator<RaftProperties> tuned) {
    this.setup = setup;
    this.names =
        new PeerNames(RaftDivision.group(setup.clusterId()).getUuid().toString(), this::address);
    this.publication =
        new Publication(
            setup.self(),
            setup.seen(),
            setup.config().lease(),
            setup.audit(),
            setup.meters().counter("ringrift.elections.won"));
    this.proposals =
        new Proposals(setup.self().value(), this::division, RaftTuning.unit(setup.config()));
    this.divisions = new Divisions(setup, names, new Events(), tuned);
    this.driver = new RaftDriver(setup, publication, proposals, divisions);
    this.handover = new Handover(setup, divisions, proposals, driver);
    this.ledger = new RaftLedger(setup, publication, proposals, divisions);
  }

  /// Opens the storage, listens, and takes part.
  ///
  /// @throws Refusal STORAGE_FAILED, STORAGE_CORRUPT or DISK_FULL when the disk or the port does
  ///   not allow it; nothing is left running then
  public static RaftConsensus open(RaftSetup setup) {
    return open(setup, UnaryOperator.identity());
  }

  static RaftConsensus open(RaftSetup setup, UnaryOperator<RaftProperties> tuned) {
    var consensus = new RaftConsensus(setup, tuned);
    NameResolverRegistry.getDefaultRegistry().register(consensus.names);
    try {
      consensus.divisions.open();
      consensus.driver.start();
      return consensus;
    } catch (Refusal e) {
      try {
        consensus.closeAtOnce();
      } catch (Refusal left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  Optional<RaftDivision> division() {
    return divisions.current();
  }

  /// What the division tells.
  private final class Events implements DivisionEvents {
    @Override
    public void applied(Applied applied) {
      publication.applied(applied.index());
    }

    @Override
    public void appending(long callId) {
      proposals.appending(callId);
    }

    @Override
    public void changed() {
      driver.wake();
    }
  }

  @Override
  public Leadership leadership() {
    return publication.leadership().at(setup.ticker().now());
  }

  @Override
  public boolean leadsNow(Epoch epoch) {
    return publication.leadsNow(epoch, setup.ticker().now());
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
    return setup.voters();
  }

  @Override
  public List<NodeId> electorate() {
    var asked = configuring;
    return division()
        .filter(division -> division.settled() && (asked == null || asked.isDone()))
        .map(RaftDivision::voters)
        .orElseGet(List::of);
  }

  @Override
  public boolean keepsVoters() {
    return true;
  }

  @Override
  public void introduce(Map<NodeId, Endpoint> addresses) {
    introduced = Map.copyOf(addresses);
  }

  private Optional<Endpoint> address(NodeId peer) {
    return setup.addresses().apply(peer).or(() -> Optional.ofNullable(introduced.get(peer)));
  }

  /// Raft's own change of configuration: the new voters hold the log before they count.
  @Override
  public void reconfigure(List<NodeId> from, List<NodeId> voters) {
    requireLeader("change the voters");
    if (electorate().equals(voters.stream().sorted().toList())) {
      return; // said again; Raft would compare with what was there before
    }
    try {
      var division = division().orElseThrow(() -> refused("raft does not run"));
      var asked = division.configure(proposals.nextCall(), from, voters);
      configuring = asked;
      RaftClientReply reply = asked.get(RECONFIGURE.toMillis(), TimeUnit.MILLISECONDS);
      if (reply.getNotLeaderException() != null) {
        throw Refusals.notLeader(leadership(), "change the voters");
      }
      if (!reply.isSuccess()) {
        throw refused(String.valueOf(reply.getException()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notKnown("the call was interrupted");
    } catch (TimeoutException e) {
      throw notKnown("no answer within " + RECONFIGURE.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw unlessTaken(e.getCause() == null ? e : e.getCause());
    } catch (IOException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
  }

  private static Refusal unlessTaken(Throwable cause) {
    String why = String.valueOf(cause.getMessage());
    boolean untouched =
        cause instanceof SetConfigurationException
            || cause instanceof ReconfigurationInProgressException;
    return untouched ? refused(why) : notKnown(why);
  }

  private static Refusal notKnown(String why) {
    return new Refusal(
        Reason.OUTCOME_UNKNOWN,
        "it is not known whether raft takes the voters: "
            + why
            + "; the leader settles it, see \"ringrift cluster voters\" before you try again");
  }

  private static Refusal refused(String why) {
    return new Refusal(Reason.VOTERS_REFUSED, "raft did not agree on the voters: " + why);
  }

  /// How Raft runs here; does not block.
  public RaftStatus status() {
    Leadership now = leadership();
    boolean runs = division().filter(RaftDivision::running).isPresent();
    boolean ready = runs && now.leader().isPresent();
    return new RaftStatus(
        runs,
        ready,
        now.role() == Role.LEADER,
        now.leader(),
        division().map(d -> d.info().getCurrentTerm()).orElse(-1L),
        setup.config().bindPort(),
        ready ? "healthy" : runs ? "partial" : "unavailable",
        driver.heldBack());
  }

  /// This voter.
  public NodeId self() {
    return setup.self();
  }

  /// Whether that voter holds everything that this leader has committed. Does not block.
  public boolean caughtUp(NodeId voter) {
    return division()
        .filter(d -> divisions.followers().match(voter) >= d.commitIndex())
        .isPresent();
  }

  @Override
  public Epoch stepDown(String cause) {
    Leadership before = requireLeader("step down");
    handover.run(handover.best(), cause);
    return before.epoch();
  }

  @Override
  public NodeId transfer(Optional<NodeId> target) {
    target.ifPresent(this::requireOtherVoter);
    requireLeader("transfer leadership");
    var against = new ArrayList<String>();
    for (NodeId nominated : target.map(List::of).orElseGet(handover::ranked)) {
      Optional<String> obstacle = obstacle(nominated);
      if (obstacle.isEmpty()) {
        return handOver(nominated);
      }
      against.add(obstacle.get());
    }
    throw unreachable(
        (against.isEmpty() ? "no other voter answers" : String.join("; ", against))
            + "; this node goes on leading"
            + (target.isPresent() ? ", name another voter" : ""));
  }

  private Optional<String> obstacle(NodeId nominated) {
    return handover.catchesUp(nominated)
        ? handover
            .objection(nominated)
            .map(why -> nominated + " holds back from leading (" + why + ")")
        : Optional.of(nominated + " does not catch up with the log");
  }

  private NodeId handOver(NodeId nominated) {
    if (!handover.run(Optional.of(nominated), "leadership goes to " + nominated)) {
      throw unreachable(nominated + " was not elected; the voters choose a leader themselves");
    }
    return nominated;
  }

  private static Refusal unreachable(String why) {
    return new Refusal(Reason.UNREACHABLE, "leadership was not handed over: " + why);
  }

  private void requireOtherVoter(NodeId target) {
    if (target.equals(setup.self()) || !setup.voters().contains(target)) {
      throw Refusal.invalid(
          "target_node_id",
          target.value(),
          "another voter of "
              + String.join(", ", setup.voters().stream().map(NodeId::value).toList()));
    }
  }

  private Leadership requireLeader(String what) {
    Leadership now = publication.leadership();
    if (now.role() != Role.LEADER) {
      throw Refusals.notLeader(now, what);
    }
    return now;
  }

  /// Hands leadership over if there is anyone to take it, then ends everything.
  ///
  /// @throws Refusal STORAGE_FAILED when something here goes on using the state: nothing else may
  ///   use it in this process then
  @Override
  public void close() {
    if (publication.leadership().role() == Role.LEADER) {
      handover.best().ifPresent(next -> handover.last(next, "shutting down"));
    }
    closeAtOnce();
  }

  /// Ends everything and leaves it to the others to notice.
  void closeAtOnce() {
    driver.close();
    proposals.close();
    try {
      divisions.close();
    } finally {
      publication.close();
      NameResolverRegistry.getDefaultRegistry().deregister(names);
    }
  }
}
