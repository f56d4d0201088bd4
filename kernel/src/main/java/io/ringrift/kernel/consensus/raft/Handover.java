package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Hands leadership over: the office ends first, then the log says that the lease is given back, so
/// that voters may help another at once, then Raft elects. What does not work out ends in a plain
/// step-down: an office that was closed never goes on. Blocks its caller, bounded.
final class Handover {
  private static final Duration LOOK = Duration.ofMillis(10);
  private static final int STEPS = 10;

  private final RaftSetup setup;
  private final Divisions divisions;
  private final Proposals proposals;
  private final RaftDriver driver;

  Handover(RaftSetup setup, Divisions divisions, Proposals proposals, RaftDriver driver) {
    this.setup = setup;
    this.divisions = divisions;
    this.proposals = proposals;
    this.driver = driver;
  }

  /// How long one may be under way: every step waits for an answer, or for an election.
  static Duration longest(Duration electionMax) {
    return electionMax.multipliedBy(STEPS);
  }

  /// Who could lead: the followers that answer, the best prepared first.
  List<NodeId> ranked() {
    Moment now = setup.ticker().now();
    return divisions.followers().ranked(others(), now, setup.config().electionMax());
  }

  /// The follower that is best prepared, of those that do not hold back from leading. Blocks for
  /// one request timeout a follower at most.
  Optional<NodeId> best() {
    return ranked().stream().filter(id -> objection(id).isEmpty()).findFirst();
  }

  private List<NodeId> others() {
    return divisions.current().map(RaftDivision::voters).orElse(List.of()).stream()
        .filter(id -> !id.equals(setup.self()))
        .toList();
  }

  /// Why the voter would not lead; empty when it would, or does not say.
  Optional<String> objection(NodeId target) {
    return divisions.current().flatMap(d -> d.objection(target, proposals.nextCall()));
  }

  /// Whether the voter holds the whole log within one lease.
  boolean catchesUp(NodeId target) {
    return within(
        setup.config().electionMax(),
        () ->
            divisions
                .current()
                .filter(division -> holdsAll(target, division.logEnd()))
                .isPresent());
  }

  private boolean holdsAll(NodeId target, long logEnd) {
    return logEnd >= 0 && divisions.followers().match(target) >= logEnd;
  }

  /// Ends the office and makes Raft elect another leader.
  ///
  /// @param target who shall lead; empty steps down plainly
  /// @return whether the target leads, or without one, whether this node no longer does
  boolean run(Optional<NodeId> target, String cause) {
    return run(target, cause, longest(setup.config().electionMax()));
  }

  /// The same for a node that ends, and others often with it: a target that is there takes over
  /// within milliseconds, and without one the others elect by themselves.
  void last(NodeId target, String cause) {
    var _ = run(Optional.of(target), cause, setup.config().electionMax());
  }

  private boolean run(Optional<NodeId> target, String cause, Duration limit) {
    Moment end = setup.ticker().now().plus(limit);
    long term = await(driver.leave(cause), end).orElse(-1L);
    if (term < 0) {
      return false;
    }
    if (target.isPresent()) {
      await(proposals.offer(RaftEntries.release(term)), end);
      for (int attempt = 0; attempt < 2 && leadsIn(term); attempt++) {
        transfer(target, end);
      }
      if (within(left(end), () -> leader().equals(target))) {
        return true;
      }
    }
    if (leadsIn(term)) {
      transfer(Optional.empty(), end);
    }
    return target.isEmpty() && within(left(end), () -> !leadsIn(term));
  }

  /// Whether this node still leads in the term whose office it closed: in a later one it may hold
  /// another.
  private boolean leadsIn(long term) {
    return divisions
        .current()
        .filter(d -> d.running() && d.info().isLeader() && d.info().getCurrentTerm() == term)
        .isPresent();
  }

  private Optional<NodeId> leader() {
    return divisions.current().flatMap(RaftDivision::leader);
  }

  /// One election, or what is left of the time.
  private Duration left(Moment end) {
    Duration left = end.since(setup.ticker().now());
    Duration election = setup.config().electionMax();
    return left.compareTo(election) < 0 ? left : election;
  }

  private void transfer(Optional<NodeId> target, Moment end) {
    divisions
        .current()
        .ifPresent(
            division -> {
              try {
                long millis = setup.config().electionMax().toMillis();
                await(division.transfer(proposals.nextCall(), target, millis), end);
              } catch (IOException e) {
                throw new Refusal(Reason.UNREACHABLE, "raft refused: " + e.getMessage(), e);
              }
            });
  }

  /// Empty when it failed or took too long: what follows looks for itself.
  private <T> Optional<T> await(CompletableFuture<T> future, Moment end) {
    try {
      long longest = setup.config().electionMax().multipliedBy(2).toMillis();
      long millis = Math.clamp(end.since(setup.ticker().now()).toMillis(), 0, longest);
      return Optional.ofNullable(future.get(millis, TimeUnit.MILLISECONDS));
    } catch (TimeoutException | ExecutionException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private boolean within(Duration limit, BooleanSupplier condition) {
    Moment end = setup.ticker().now().plus(limit);
    while (!condition.getAsBoolean()) {
      if (!setup.ticker().now().isBefore(end) || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
    return true;
  }
}
