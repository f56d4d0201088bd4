package io.ringrift.kernel.consensus.raft;

import io.micrometer.core.instrument.Counter;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.ratis.server.protocol.TermIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes over from a leader that fell silent: asks the other voters, each on a thread of its own,
/// and begins an election once a majority would elect this one. Where it cannot, Raft's own pauses
/// go on as ever. The driver's thread steps it.
final class Successor {
  private static final Logger LOG = LoggerFactory.getLogger(Successor.class);

  private final RaftSetup setup;
  private final Divisions divisions;
  private final Proposals proposals;
  private final Runnable wake;
  private final Counter begun;
  private final Succession succession;
  private Optional<Ballot> open = Optional.empty();

  /// Until when an election that was begun here may wait for its votes.
  private Optional<Moment> stands = Optional.empty();

  /// A question to all others but the silent one. Whoever says yes counts that as a sign of life
  /// and says no for a while to whoever asks again, so a question is not repeated while answers are
  /// out.
  private record Ballot(
      Followed silent,
      TermIndex last,
      Moment ends,
      int needed,
      AtomicInteger yes,
      AtomicInteger out) {}

  /// @param wake has the driver look again; any thread
  Successor(RaftSetup setup, Divisions divisions, Proposals proposals, Runnable wake) {
    this.setup = setup;
    this.divisions = divisions;
    this.proposals = proposals;
    this.wake = wake;
    this.begun = setup.meters().counter("ringrift.elections.early");
    this.succession = new Succession(setup.self(), setup.config().electionMin());
  }

  void step(Moment now, Sight sight) {
    endInVain(now, sight);
    Optional<RaftDivision> follower =
        divisions.current().filter(d -> sight.running() && sight.fit() && d.info().isFollower());
    List<NodeId> voters = follower.map(RaftDivision::voters).orElse(List.of());
    Optional<Followed> followed =
        divisions.followed().filter(f -> f.term() == sight.term() && voters.contains(setup.self()));
    // Read before the answers are counted: the last of them may come in between.
    boolean waits = open.filter(b -> b.out().get() > 0 && now.isBefore(b.ends())).isPresent();
    open.filter(ballot -> ballot.yes().get() >= ballot.needed())
        .ifPresent(won -> elect(won, followed, follower));
    open = open.filter(_ -> waits);
    if (open.isEmpty() && succession.step(now, followed, voters)) {
      var silent = followed.orElseThrow();
      follower.ifPresent(division -> ask(now, division, silent, voters));
    }
  }

  /// An election that is begun without Raft's own pre-vote goes on without one, in one term after
  /// the other, while no answer comes. A voter that is cut off would come back with a term that
  /// ends the office of a leader in good health: it ends with its first term. Ratis lets nobody
  /// call an election off, so the division is opened again.
  private void endInVain(Moment now, Sight sight) {
    Optional<RaftDivision> candidate =
        divisions.current().filter(d -> sight.running() && d.info().isCandidate());
    if (candidate.isEmpty()) {
      stands = Optional.empty();
    } else if (stands.filter(end -> !now.isBefore(end)).isPresent()) {
      stands = Optional.empty();
      candidate.get().fails("nobody answered an election for one election timeout");
      wake.run();
    }
  }

  private void ask(Moment now, RaftDivision division, Followed silent, List<NodeId> voters) {
    List<NodeId> asked =
        voters.stream().filter(v -> !v.equals(setup.self()) && !v.equals(silent.leader())).toList();
    Moment ends = now.plus(setup.config().electionMin());
    open =
        division
            .freshEnd()
            .map(
                last ->
                    new Ballot(
                        silent,
                        last,
                        ends,
                        voters.size() / 2,
                        new AtomicInteger(),
                        new AtomicInteger(asked.size())));
    open.ifPresent(ballot -> asked.forEach(voter -> ask(division, ballot, voter)));
  }

  private void ask(RaftDivision division, Ballot ballot, NodeId voter) {
    long call = proposals.nextCall();
    Thread.ofVirtual()
        .name("ballot-" + setup.self() + "-" + voter)
        .start(
            () -> {
              if (wouldElect(division, voter, call, ballot.last())) {
                ballot.yes().incrementAndGet();
              }
              ballot.out().decrementAndGet();
              wake.run();
            });
  }

  private static boolean wouldElect(
      RaftDivision division, NodeId voter, long call, TermIndex last) {
    try {
      return division.wouldElect(voter, call, last);
    } catch (IOException | RuntimeException e) {
      LOG.debug("{} says no, or nothing", voter, e);
      if (!GuardedService.isAnswer(e)) {
        division.redial(List.of(voter));
      }
      return false;
    }
  }

  private void elect(Ballot won, Optional<Followed> followed, Optional<RaftDivision> follower) {
    open = Optional.empty();
    var silent = won.silent();
    boolean unchanged =
        followed.filter(f -> f.term() == silent.term()).isPresent()
            && follower.flatMap(RaftDivision::freshEnd).equals(Optional.of(won.last()));
    if (!unchanged) {
      return;
    }
    var division = follower.orElseThrow();
    boolean stood =
        divisions.stand(
            silent.term(),
            () -> division.succeed(silent.leader(), proposals.nextCall(), won.last()));
    if (stood) {
      stands = Optional.of(setup.ticker().now().plus(setup.config().electionMin()));
      begun.increment();
      LOG.info("leader {} fell silent; this voter asks for votes", silent.leader());
    }
  }
}
