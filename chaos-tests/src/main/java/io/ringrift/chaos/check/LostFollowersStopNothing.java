package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.scenario.FaultKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// While followers are killed that are fewer than half of the voters, writes are acknowledged all
/// the time; and each of them, started again, has within the bound of the scenario what others had
/// by then, under the leader that led before (RELIABILITY M7, D1). That the leader stays meanwhile
/// is looked at by `SmallLossesUnseatNobody`, that states are equal at the end by `ReplicasAgree`.
/// Where others stood still, only the coming back is judged. A node beside the voters keeps no log:
/// of its loss only what others serve meanwhile is judged.
final class LostFollowersStopNothing implements Check {
  /// A client turns to the next node when one has not answered for 2 s.
  private static final long LONGEST = Duration.ofSeconds(3).toNanos();

  /// In mode hybrid the preferred voter takes the office when it is back.
  private static final Set<String> LEADER_STAYS = Set.of("bully", "raft");

  private static final Set<Kind> NO_WRITES =
      EnumSet.of(Kind.READ, Kind.READ_JOB, Kind.CLAIM, Kind.SYNC, Kind.ORDER);

  @Override
  public String source() {
    return "M7, D1";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FAULTS, Part.SAMPLES, Part.AUDIT, Part.OPERATIONS, Part.EVENTS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  /// What was looked at.
  private static final class Tally {
    private final List<Finding> findings = new ArrayList<>();
    private final List<String> open = new ArrayList<>();
    private int losses;
    private int busy;
    private long pause;
    private long back;
  }

  @Override
  public Result of(RunEvidence run) {
    var tally = new Tally();
    // An index of one log says nothing of another.
    boolean oneLog = run.faults().stream().noneMatch(each -> Kinds.is(each, FaultKind.SWITCH_MODE));
    for (FaultBand fault : oneLog ? run.faults() : List.<FaultBand>of()) {
      FollowerLosses.leaderBefore(run, fault)
          .filter(leader -> FollowerLosses.small(run, fault, leader.node()))
          .filter(_ -> FollowerLosses.alone(run, fault))
          .ifPresent(leader -> judge(run, fault, leader, tally));
    }
    boolean unseen =
        tally.busy == tally.losses
            && (tally.losses == 0 || run.expectations().recoverWithin().isZero());
    if (unseen) {
      return Result.notConcerned(
          this,
          "no follower was killed while nothing else went on, but %d while others stood still"
              .formatted(tally.busy));
    }
    String evidence =
        "followers were killed %d times, %d of them while others stood still; "
                .formatted(tally.losses, tally.busy)
            + "longest time without an acknowledged write %s of %s, back after %s of %s at most"
                .formatted(
                    Times.text(tally.pause),
                    Times.text(LONGEST),
                    Times.text(tally.back),
                    Times.text(run.expectations().recoverWithin()));
    return tally.findings.isEmpty() && !tally.open.isEmpty()
        ? Result.undecided(this, evidence + "; " + String.join(", ", tally.open))
        : Result.of(this, evidence, tally.findings);
  }

  private static void judge(RunEvidence run, FaultBand fault, RoleSample leader, Tally tally) {
    tally.losses++;
    if (FollowerLosses.stoodStill(run, fault, fault.fromNanos(), fault.toNanos())) {
      tally.busy++;
    } else {
      served(run, fault, tally);
    }
    long bound = run.expectations().recoverWithin().toNanos();
    List<String> logged =
        fault.targets().stream().filter(run.setting().voters()::contains).toList();
    for (String node : bound == 0 ? List.<String>of() : logged) {
      back(run, fault, node, tally).ifPresent(at -> stays(run, fault, leader, at, tally));
    }
  }

  private static void served(RunEvidence run, FaultBand fault, Tally tally) {
    long[] times =
        run.history().operations().stream()
            .filter(o -> o.ok() && !NO_WRITES.contains(o.kind()))
            .mapToLong(Operation::returnedNanos)
            .filter(at -> at > fault.fromNanos() && at < fault.toNanos())
            .sorted()
            .toArray();
    long since = fault.fromNanos();
    long pause = 0;
    long from = since;
    for (int i = 0; i <= times.length; i++) {
      long at = i < times.length ? times[i] : fault.toNanos();
      if (at - since > pause) {
        pause = at - since;
        from = since;
      }
      since = at;
    }
    tally.pause = Math.max(tally.pause, pause);
    if (pause > LONGEST) {
      tally.findings.add(
          new Finding(
              "no write was acknowledged for %s from %s on, while %s was killed and the rest answered"
                  .formatted(
                      Times.text(pause), Times.text(from), String.join(", ", fault.targets())),
              List.of(),
              fault.targets(),
              from,
              from + pause));
    }
  }

  /// One that was struck again before its time was over need not have come back by then.
  ///
  /// @return when it had what was known when it was started again, or something else was done
  ///   before; empty when nobody saw it
  private static OptionalLong back(RunEvidence run, FaultBand fault, String node, Tally tally) {
    long start = fault.toNanos();
    long bound = run.expectations().recoverWithin().toNanos();
    OptionalLong known =
        indexed(run)
            .filter(o -> o.returnedNanos() <= start)
            .mapToLong(o -> o.answer().index())
            .max();
    if (known.isEmpty()) {
      tally.open.add("no read told what was known when " + node + " was started again");
      return OptionalLong.empty();
    }
    OptionalLong at =
        indexed(run)
            .filter(o -> o.mayBeOld() && o.node().equals(node) && o.invokedNanos() >= start)
            .filter(o -> o.answer().index() >= known.getAsLong())
            .mapToLong(Operation::returnedNanos)
            .min();
    long took = at.orElse(Operation.NEVER) - start;
    long next = Math.min(next(run, start), at.isPresent() ? Operation.NEVER : seen(run, node));
    if (took <= bound) {
      tally.back = Math.max(tally.back, took);
    } else if (Math.min(took, next - start) <= bound) {
      tally.open.add(
          "nobody saw that %s came back to index %d before something else was done"
              .formatted(node, known.getAsLong()));
    } else if (Starvation.between(run, start, start + bound)) {
      tally.open.add(node + " came back late, and " + Starvation.TOLD);
    } else {
      tally.findings.add(late(run, fault, node, known.getAsLong(), at));
    }
    return at.isEmpty() ? at : OptionalLong.of(Math.min(at.getAsLong(), next));
  }

  /// When the node was read last.
  private static long seen(RunEvidence run, String node) {
    return indexed(run)
        .filter(o -> o.node().equals(node))
        .mapToLong(Operation::returnedNanos)
        .max()
        .orElse(0);
  }

  private static Stream<Operation> indexed(RunEvidence run) {
    return run.history().operations().stream()
        .filter(o -> o.reads() && o.ok() && o.answer().index() > 0);
  }

  /// Until then nothing else was done.
  private static long next(RunEvidence run, long start) {
    return run.faults().stream()
        .mapToLong(FaultBand::fromNanos)
        .filter(from -> from > start)
        .min()
        .orElse(run.setting().length().toNanos());
  }

  private static Finding late(
      RunEvidence run, FaultBand fault, String node, long index, OptionalLong at) {
    return Finding.at(
        "%s was started again at %s and had what was known then, index %d, %s; the bound is %s"
            .formatted(
                node,
                Times.text(fault.toNanos()),
                index,
                at.isEmpty() ? "never" : "after " + Times.text(at.getAsLong() - fault.toNanos()),
                Times.text(run.expectations().recoverWithin())),
        fault.toNanos(),
        node);
  }

  /// Who comes back unseats nobody.
  private static void stays(
      RunEvidence run, FaultBand fault, RoleSample leader, long at, Tally tally) {
    if (!LEADER_STAYS.contains(run.setting().consensus())
        || FollowerLosses.stoodStill(run, fault, fault.fromNanos(), at)) {
      return;
    }
    run.samples().stream()
        .filter(sample -> sample.atNanos() > fault.toNanos() && sample.atNanos() <= at)
        .filter(sample -> sample.leads() && sample.epoch() > leader.epoch())
        .findFirst()
        .ifPresent(
            sample ->
                tally.findings.add(
                    Finding.at(
                        "%s led epoch %d, and %s led epoch %d at %s, when %s had come back"
                            .formatted(
                                leader.node(),
                                leader.epoch(),
                                sample.node(),
                                sample.epoch(),
                                Times.text(sample.atNanos()),
                                String.join(", ", fault.targets())),
                        sample.atNanos(),
                        sample.node(),
                        leader.node())));
  }
}
