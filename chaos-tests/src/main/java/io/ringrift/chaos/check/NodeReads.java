package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.scenario.FaultKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one node had, one read behind another: the index that it tells never falls, and what was
/// there is there. A process that begins again, or that reads its state from its disk again after
/// trouble with that, may begin with less, so each life counts alone; a time without an answer is
/// taken for the end of one.
final class NodeReads {
  private static final Set<String> OF_DISKS = Kinds.words(FaultKind.FULL_DISK, FaultKind.SLOW_DISK);

  /// In which a node goes on when its disk takes writes again.
  private static final long AGAIN = Duration.ofSeconds(10).toNanos();

  private final List<Break> breaks;
  private final List<Finding> findings;
  private final PriorityQueue<Operation> open =
      new PriorityQueue<>(Comparator.comparingLong(Operation::returnedNanos));
  private final Map<String, Operation> seen = new HashMap<>();
  private @Nullable Operation greatest;

  /// In it one life may have ended and another begun.
  private record Break(long from, long to) {}

  private NodeReads(List<Break> breaks, List<Finding> findings) {
    this.breaks = breaks;
    this.findings = findings;
  }

  /// @param old reads that were answered, in the order of their invocations
  static void check(RunEvidence run, List<Operation> old, List<Finding> findings) {
    Set<String> nodes = new HashSet<>();
    old.forEach(read -> nodes.add(read.node()));
    for (String node : nodes) {
      var reads = new NodeReads(breaks(run, node), findings);
      old.stream().filter(read -> read.node().equals(node)).forEach(reads::next);
    }
  }

  private static List<Break> breaks(RunEvidence run, String node) {
    var breaks = new ArrayList<Break>();
    run.events().stream()
        .filter(event -> event.node().equals(node))
        .filter(
            event ->
                Ends.PROCESS.contains(event.kind()) || EpochsNeverFall.ANEW.contains(event.kind()))
        .forEach(event -> breaks.add(new Break(event.atNanos(), event.atNanos())));
    run.samples().stream()
        .filter(sample -> sample.node().equals(node) && !sample.answered())
        .forEach(sample -> breaks.add(new Break(sample.atNanos(), sample.atNanos())));
    run.faults().stream()
        .filter(fault -> OF_DISKS.contains(fault.name()) && fault.targets().contains(node))
        .forEach(fault -> breaks.add(new Break(fault.fromNanos(), fault.toNanos() + AGAIN)));
    return breaks;
  }

  /// Against those that had ended when it began.
  private void next(Operation read) {
    while (!open.isEmpty() && open.peek().returnedNanos() < read.invokedNanos()) {
      ended(open.remove());
    }
    if (greatest != null
        && read.answer().index() > 0
        && read.answer().index() < greatest.answer().index()
        && oneLife(greatest, read)) {
      findings.add(
          found(
              "%s went back from index %d to %d"
                  .formatted(read.node(), greatest.answer().index(), read.answer().index()),
              greatest,
              read));
    }
    Operation before = seen.get(read.key());
    if (before != null && absent(read) && oneLife(before, read)) {
      findings.add(
          found("%s had %s and has it no more".formatted(read.node(), read.key()), before, read));
    }
    open.add(read);
  }

  private void ended(Operation read) {
    if (greatest == null
        || !oneLife(greatest, read)
        || read.answer().index() > greatest.answer().index()) {
      greatest = read;
    }
    if (!absent(read)) {
      seen.put(read.key(), read);
    }
  }

  private static boolean absent(Operation read) {
    return read.answer().state().equals(Life.ABSENT);
  }

  private boolean oneLife(Operation before, Operation after) {
    return breaks.stream()
        .noneMatch(
            each -> each.to() >= before.invokedNanos() && each.from() <= after.returnedNanos());
  }

  private static Finding found(String what, Operation before, Operation after) {
    return Finding.of(what + ":\n  " + before + "\n  " + after, List.of(before, after));
  }
}
