package io.ringrift.managers.sync;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.sync.CopyPlan.Move;
import io.ringrift.sync.v1.FailedFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The targets to which copies failed. Each rests for 30 s, after every further failure twice as
/// long, up to 10 minutes (SPEC 6, 30 to 600 s). Only files that failed rest where the others
/// arrive. At most one entry a node, of at most 1000 paths. One thread at a time.
@Pure
final class TargetRests {
  private static final Duration FIRST = Duration.ofSeconds(30);
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final int MOST_PATHS = 1000;

  /// What, said of a file, tells of who was to receive it. All else is of the file or its source,
  /// which may fail for all targets alike.
  private static final Set<String> OF_THE_TARGET =
      Set.of(Reason.DISK_FULL.name(), Reason.STORAGE_FAILED.name());

  private final SortedMap<NodeId, Rest> rests = new TreeMap<>();
  private Epoch epoch = Epoch.ZERO;

  /// What did not arrive at one target in a run.
  ///
  /// @param paths that failed; none when the target is to be spared all files
  /// @param first of those that failed
  record Failure(SortedSet<String> paths, FailedFile first) {
    /// @param refused an order failed as a whole
    /// @param arrived files that the target did receive
    static Failure of(List<FailedFile> failed, boolean refused, int arrived) {
      boolean ofTarget =
          arrived == 0 && failed.stream().allMatch(one -> OF_THE_TARGET.contains(one.getReason()));
      var paths = new TreeSet<String>();
      if (!refused && !ofTarget) {
        failed.forEach(one -> paths.add(one.getPath()));
      }
      return new Failure(bounded(paths), failed.getFirst());
    }
  }

  /// A target that fails.
  ///
  /// @param boot in which it was when it failed last
  /// @param runs that failed in a row, in this boot
  /// @param since when it began
  /// @param until it is not tried before
  /// @param paths that rest; all when none is named
  /// @param trying a try is under way
  /// @param first cause of the last failure
  record Rest(
      Optional<BootId> boot,
      int runs,
      Moment since,
      Moment until,
      SortedSet<String> paths,
      boolean trying,
      FailedFile first) {
    boolean covers(String path) {
      return paths.isEmpty() || paths.contains(path);
    }

    private boolean rests(Moment now) {
      return trying || now.isBefore(until);
    }

    /// Whoever starts anew is tried at once.
    private Rest in(Optional<BootId> present, Moment now) {
      return present.isEmpty() || present.equals(boot)
          ? this
          : new Rest(present, 0, since, now, paths, trying, first);
    }

    private Rest marked(boolean is) {
      return new Rest(boot, runs, since, until, paths, is, first);
    }

    private Rest without(SortedSet<String> tried) {
      var left = new TreeSet<>(paths);
      left.removeAll(tried);
      return new Rest(boot, runs, since, until, left, trying, first);
    }
  }

  /// A plan by when it is carried out.
  ///
  /// @param now what does not rest
  /// @param tries what has rested, by target: each is a try of its own, so that a target that hangs
  ///   holds up no other
  record Split(CopyPlan now, SortedMap<NodeId, CopyPlan> tries) {}

  /// Whom nothing more is to be brought counts as failing no longer, though nothing arrived there.
  /// But a target that is spared all files may lack some and be passed over: it counts as failing
  /// until it could have been tried for as long as a rest may last, or each new file would find it
  /// unknown and fail there once more.
  Split split(RoundPlan plan, Map<NodeId, BootId> boots, Moment now) {
    rests.replaceAll((node, rest) -> rest.in(Optional.ofNullable(boots.get(node)), now));
    var tried = new TreeMap<NodeId, List<Move>>();
    var wanted = new TreeSet<>(plan.told().missing());
    for (Move move : plan.all().moves()) {
      var rest = rests.get(move.target());
      if (rest == null) {
        continue;
      }
      move.only(file -> rest.covers(file.path()))
          .ifPresent(
              part -> {
                wanted.add(part.target());
                if (!rest.rests(now)) {
                  tried.computeIfAbsent(part.target(), _ -> new ArrayList<>()).add(part);
                }
              });
    }
    rests.forEach(
        (node, rest) -> {
          boolean lately = now.isBefore(rest.until().plus(LONGEST));
          if (rest.paths().isEmpty() && lately && plan.passedOver().contains(node)) {
            wanted.add(node);
          }
        });
    var tries = new TreeMap<NodeId, CopyPlan>();
    tried.forEach((node, moves) -> tries.put(node, new CopyPlan(moves, List.of(), 0)));
    rests.replaceAll((node, rest) -> tries.containsKey(node) ? rest.marked(true) : rest);
    rests.entrySet().removeIf(one -> !wanted.contains(one.getKey()) && !one.getValue().trying());
    return new Split(open(plan.all().moves(), plan.all()), tries);
  }

  /// What does not rest.
  ///
  /// @param of the plan that they belong to
  CopyPlan open(List<Move> moves, CopyPlan of) {
    var going = new ArrayList<Move>();
    for (Move move : moves) {
      var rest = rests.get(move.target());
      if (rest == null) {
        going.add(move);
      } else {
        move.only(file -> !rest.covers(file.path())).ifPresent(going::add);
      }
    }
    return new CopyPlan(List.copyOf(going), of.clashes(), of.missingCopies());
  }

  /// Targets that are spared all files.
  SortedSet<NodeId> spared() {
    var spared = new TreeSet<NodeId>();
    rests.forEach(
        (node, rest) -> {
          if (rest.paths().isEmpty()) {
            spared.add(node);
          }
        });
    return spared;
  }

  /// @param tried paths that were ordered
  /// @return whether all had been well before
  boolean failed(
      NodeId target, Optional<BootId> boot, SortedSet<String> tried, Failure failure, Moment now) {
    var before = rests.get(target);
    var paths = new TreeSet<>(failure.paths());
    if (before != null && !paths.isEmpty()) {
      paths.addAll(before.without(tried).paths());
    }
    int runs = before == null ? 1 : before.runs() + 1;
    var since = before == null ? now : before.since();
    boolean trying = before != null && before.trying();
    rests.put(
        target,
        new Rest(
            boot, runs, since, now.plus(pause(runs)), bounded(paths), trying, failure.first()));
    return before == null;
  }

  /// Everything that was ordered has arrived.
  ///
  /// @return the rest that this ends
  Optional<Rest> arrived(NodeId target, SortedSet<String> tried) {
    var before = rests.get(target);
    if (before == null) {
      return Optional.empty();
    }
    var after = before.without(tried);
    if (after.paths().isEmpty()) {
      rests.remove(target);
      return Optional.of(before);
    }
    rests.put(target, after);
    return Optional.empty();
  }

  /// A try has ended, however it did. One of an older epoch is not what is under way now.
  ///
  /// @param begun the epoch in which it began
  void tried(Epoch begun, NodeId target) {
    if (begun.equals(epoch)) {
      rests.computeIfPresent(target, (_, rest) -> rest.marked(false));
    }
  }

  SortedMap<NodeId, Rest> all() {
    return new TreeMap<>(rests);
  }

  /// A new epoch knows of none.
  void renew(Epoch now) {
    if (!now.equals(epoch)) {
      rests.clear();
      epoch = now;
    }
  }

  static Duration pause(int runs) {
    var pause = FIRST;
    for (int i = 1; i < runs && pause.compareTo(LONGEST) < 0; i++) {
      pause = pause.multipliedBy(2);
    }
    return pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
  }

  private static SortedSet<String> bounded(SortedSet<String> paths) {
    return paths.size() > MOST_PATHS ? new TreeSet<>() : paths;
  }
}
