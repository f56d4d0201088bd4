package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.ViewSample;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;

/// Who could hear nothing of whom, not even through others, and when they held each other for dead.
/// Between voters: what a worker that only dials out tells may travel late along a stream.
final class Losses {
  /// These end or stop processes.
  private static final Set<String> OF_PROCESSES =
      Kinds.words(
          FaultKind.KILL,
          FaultKind.PAUSE,
          FaultKind.WIPE,
          FaultKind.CORRUPT,
          FaultKind.STALE,
          FaultKind.CONFIG,
          FaultKind.RESTART,
          FaultKind.CLOCK);

  /// Of these a node gives no sign of life until the end.
  private static final Set<String> SILENCING =
      Kinds.words(
          FaultKind.KILL, FaultKind.PAUSE, FaultKind.WIPE, FaultKind.CORRUPT, FaultKind.ISOLATE);

  /// These cut links and are told by them, as `a>b`.
  private static final Set<String> OF_LINKS =
      Kinds.words(FaultKind.CUT, FaultKind.SPLIT, FaultKind.BRIDGE, FaultKind.RING);

  private final RunEvidence run;
  private final List<String> voters;

  Losses(RunEvidence run) {
    this.run = run;
    this.voters = run.setting().voters();
  }

  /// Times but the last are counted without those in which the observer did not answer.
  ///
  /// @param known whether the observer had told before the fault that it counts on the other
  /// @param lastedNanos for how long the fault went on
  /// @param tookNanos until the observer held the other for dead; `Long.MAX_VALUE` for never
  /// @param stillNanos for how long the observer did not answer until then
  record Loss(
      FaultBand fault,
      String observer,
      String lost,
      boolean known,
      long lastedNanos,
      long tookNanos,
      long stillNanos) {
    boolean inTime(long bound) {
      return known && tookNanos <= bound;
    }

    boolean late(long bound) {
      return known && tookNanos > bound && lastedNanos >= bound;
    }

    /// Nothing can be told of it, although there was time enough.
    boolean open(long bound) {
      return !known && lastedNanos >= bound;
    }
  }

  List<Loss> all(long bound) {
    var losses = new ArrayList<Loss>();
    for (FaultBand fault : run.faults()) {
      int[] parts = parts(fault);
      for (int i = 0; i < voters.size(); i++) {
        String observer = voters.get(i);
        var still = Stillness.ofViews(run, observer);
        for (int j = 0; j < voters.size(); j++) {
          if (parts[i] != parts[j]) {
            loss(fault, observer, voters.get(j), still)
                .filter(loss -> !taken(loss, bound))
                .ifPresent(losses::add);
          }
        }
      }
    }
    return losses;
  }

  /// None when the observer did not count on the other any more before the fault: then it shows
  /// nothing of it.
  private Optional<Loss> loss(FaultBand fault, String observer, String lost, Stillness still) {
    Optional<ViewSample> before = Optional.empty();
    OptionalLong seen = OptionalLong.empty();
    for (ViewSample view : run.views()) {
      if (!view.node().equals(observer) || !view.told()) {
        continue;
      }
      if (view.atNanos() <= fault.fromNanos()) {
        before = Optional.of(view);
      } else if (!view.believes(lost)) {
        seen = OptionalLong.of(view.atNanos());
        break;
      }
    }
    if (before.filter(view -> !view.believes(lost)).isPresent()) {
      return Optional.empty();
    }
    long from = fault.fromNanos();
    long until = seen.orElse(fault.toNanos());
    return Optional.of(
        new Loss(
            fault,
            observer,
            lost,
            before.isPresent(),
            still.awake(from, fault.toNanos()),
            seen.isEmpty() ? Long.MAX_VALUE : still.awake(from, until),
            still.within(from, until)));
  }

  /// By the place of the voter: those that still hear each other in one direction at least, through
  /// whomever, have one number.
  private int[] parts(FaultBand fault) {
    boolean silences = SILENCING.contains(fault.name());
    if (!silences && !OF_LINKS.contains(fault.name())) {
      return new int[voters.size()];
    }
    int[] parts = IntStream.range(0, voters.size()).toArray();
    Set<String> hit = new HashSet<>(fault.targets());
    for (int i = 0; i < parts.length; i++) {
      for (int j = 0; j < parts.length; j++) {
        String one = voters.get(i);
        String other = voters.get(j);
        boolean passes =
            silences
                ? !hit.contains(one) && !hit.contains(other)
                : !hit.contains(one + ">" + other);
        if (passes) {
          int kept = parts[i];
          int joined = parts[j];
          Arrays.setAll(parts, place -> parts[place] == joined ? kept : parts[place]);
        }
      }
    }
    return parts;
  }

  /// Whether something is done to the observer's process before its time is over.
  private boolean taken(Loss loss, long bound) {
    String observer = loss.observer();
    long from = loss.fault().fromNanos();
    long to = from + bound + loss.stillNanos();
    return run.faults().stream()
            .filter(fault -> OF_PROCESSES.contains(fault.name()))
            .filter(fault -> fault.fromNanos() <= to && fault.toNanos() >= from)
            .anyMatch(fault -> fault.targets().contains(observer))
        || run.events().stream()
            .filter(event -> event.node().equals(observer) && Ends.PROCESS.contains(event.kind()))
            .anyMatch(event -> event.atNanos() >= from && event.atNanos() <= to);
  }
}
