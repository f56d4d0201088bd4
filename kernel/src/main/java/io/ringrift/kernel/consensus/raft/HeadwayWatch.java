package io.ringrift.kernel.consensus.raft;

import io.micrometer.core.instrument.Counter;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shows `Headway` what Raft does here, counts and logs what it notices, and ends a division that
/// does not give up leading. The driver's thread calls it.
final class HeadwayWatch {
  private static final Logger LOG = LoggerFactory.getLogger(HeadwayWatch.class);

  /// What a disk or a process may stand still, and as often again, before the log does.
  private static final int PATIENCES = 4;

  private final NodeId self;
  private final Divisions divisions;
  private final Headway headway;
  private final Counter episodes;
  private boolean stuck;

  /// The oldest entry that was offered and is not answered.
  private CompletableFuture<?> offered = CompletableFuture.completedFuture("nothing yet");

  /// @param gap between two entries that a leader offers
  HeadwayWatch(RaftSetup setup, Divisions divisions, Duration gap) {
    this.self = setup.self();
    this.divisions = divisions;
    var config = setup.config();
    this.headway =
        new Headway(
            gap.plus(config.patience().multipliedBy(PATIENCES)),
            Handover.longest(config.electionMax()),
            setup.ticker().now());
    this.episodes = setup.meters().counter("ringrift.voter.stuck");
  }

  /// The leader offers an entry of its own.
  void offers(CompletableFuture<?> answer) {
    offered = offered.isDone() ? answer : offered;
  }

  /// @return why this voter may not lead; empty when it makes headway
  Optional<String> look(Moment now) {
    Optional<RaftDivision> open = divisions.current().filter(RaftDivision::running);
    if (open.isEmpty()) {
      return Optional.empty();
    }
    Optional<Headway.Stuck> told = headway.step(now, look(open.get()));
    if (told.isPresent() && !stuck) {
      episodes.increment();
      LOG.error(
          "{}; this node does not lead until it goes on. Its state or a thread hangs: see what, by"
              + " jcmd PID Thread.print, and restart this node if it does not go on by itself",
          told.get().cause());
    } else if (told.isEmpty() && stuck) {
      LOG.info("the raft log is executed again");
    }
    stuck = told.isPresent();
    if (told.filter(Headway.Stuck::holdsOn).isPresent()) {
      open.get().abandon("raft did not give up leading, and " + told.get().cause());
    }
    return told.map(Headway.Stuck::cause);
  }

  private Headway.Look look(RaftDivision open) {
    List<NodeId> others = open.voters().stream().filter(id -> !id.equals(self)).toList();
    long executed = divisions.applied().index();
    long end = open.logEnd();
    return new Headway.Look(
        open.info().isLeader(),
        executed,
        open.executable(divisions.followers(), others),
        !offered.isDone() && end >= 0 && end <= executed,
        open.busyAside());
  }
}
