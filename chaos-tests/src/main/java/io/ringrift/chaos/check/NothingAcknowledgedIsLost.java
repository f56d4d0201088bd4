package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Effect;
import io.ringrift.chaos.evidence.ItemFinal;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import io.ringrift.chaos.scenario.FaultKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Every acknowledged submit is there at the end, on every voter that tells its items and has
/// applied as much of the newest log as any; what was completed or cancelled still is; every
/// acknowledged job left its effect, or was told as lost by a node to which something was done
/// (RELIABILITY D1, J3). A voter that has nothing at all lost it; what one that is behind lacks,
/// and a job that has not ended, may still come, so that it is undecided. A kill leaves what the
/// system holds of a disk: D2 and D3 are the simulation's.
final class NothingAcknowledgedIsLost implements Check {
  @Override
  public String source() {
    return "D1, J3";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS, Part.FINALS, Part.EFFECTS, Part.EVENTS, Part.FAULTS);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  @Override
  public Result of(RunEvidence run) {
    List<Operation> done =
        run.history().operations().stream().filter(o -> o.ok() && !o.key().isEmpty()).toList();
    boolean items = done.stream().anyMatch(o -> o.kind() == Kind.SUBMIT);
    boolean jobs = done.stream().anyMatch(o -> o.kind() == Kind.SPAWN);
    if (!items && !jobs) {
      return Result.notConcerned(this, "nothing was acknowledged");
    }
    List<NodeFinal> finals =
        Ends.newest(run).stream()
            .filter(n -> n.itemsTold() && run.setting().voters().contains(n.node()))
            .toList();
    if (items && finals.isEmpty()) {
      return Result.undecided(this, "no node told its items at the end");
    }
    if (jobs && run.effects().isEmpty()) {
      return Result.undecided(this, "jobs were spawned and no effect of any is recorded");
    }
    var findings = new ArrayList<Finding>();
    List<String> behind = lost(finals, done, findings);
    long open =
        withoutEffect(run, done, findings)
            + run.effects().stream().filter(e -> e.what().equals(Effect.OPEN)).count();
    if (findings.isEmpty() && open > 0) {
      return Result.undecided(
          this,
          open
              + " jobs left no effect and had not ended, nobody could be asked for them, or they"
              + " were told as lost on a machine without time");
    }
    if (findings.isEmpty() && !behind.isEmpty()) {
      return Result.undecided(
          this, "what these lack they may have not applied yet: " + String.join(", ", behind));
    }
    return Result.of(
        this,
        "%d submits and %d jobs acknowledged, of which %d were told as lost; items of %d nodes"
            .formatted(
                count(done, Kind.SUBMIT),
                count(done, Kind.SPAWN),
                run.effects().stream().filter(e -> e.what().equals(Effect.LOST)).count(),
                finals.size()),
        findings);
  }

  private static long count(List<Operation> done, Kind kind) {
    return done.stream().filter(o -> o.kind() == kind).count();
  }

  /// @return voters that are behind and lack something
  private static List<String> lost(
      List<NodeFinal> finals, List<Operation> done, List<Finding> findings) {
    long furthest = finals.stream().mapToLong(NodeFinal::appliedIndex).max().orElse(0);
    var behind = new ArrayList<String>();
    for (NodeFinal node : finals) {
      var lacks = new ArrayList<Finding>();
      lost(node, done, lacks);
      if (node.appliedIndex() == furthest || node.items().isEmpty()) {
        findings.addAll(lacks);
      } else if (!lacks.isEmpty()) {
        behind.add(node.node());
      }
    }
    return behind;
  }

  private static void lost(NodeFinal node, List<Operation> done, List<Finding> findings) {
    Map<String, ItemFinal> items = new HashMap<>();
    node.items().forEach(item -> items.put(item.id(), item));
    for (Operation operation : done) {
      String wrong = wrong(operation, items.get(operation.key()));
      if (!wrong.isEmpty()) {
        findings.add(
            Finding.of(
                "item %s %s at %s:%n  %s".formatted(operation.key(), wrong, node.node(), operation),
                List.of(operation)));
      }
    }
  }

  private static String wrong(Operation operation, @Nullable ItemFinal item) {
    return switch (operation.kind()) {
      case SUBMIT -> item == null ? "is lost" : "";
      case COMPLETE ->
          item == null
              ? "was completed and is lost"
              : !item.state().equals(Life.COMPLETED)
                  ? "was completed and is " + item.state()
                  : !item.result().equals(operation.argument()) ? "has another result" : "";
      case CANCEL ->
          item == null || !item.state().equals(Life.CANCELLED)
              ? "was cancelled and is " + (item == null ? "lost" : item.state())
              : "";
      default -> "";
    };
  }

  /// @return how many were told as lost while nothing else than the machine may be to blame
  private static int withoutEffect(RunEvidence run, List<Operation> done, List<Finding> findings) {
    Set<String> left = new HashSet<>();
    Map<String, Effect> lost = new HashMap<>();
    for (Effect effect : run.effects()) {
      if (effect.what().equals(Effect.LOST)) {
        lost.put(effect.key(), effect);
      } else {
        left.add(effect.key());
      }
    }
    // One that may have been cancelled need not have begun.
    run.history().operations().stream()
        .filter(o -> o.kind() == Kind.CANCEL_JOB && o.outcome() != Outcome.FAIL)
        .forEach(o -> left.add(o.key()));
    int unclear = 0;
    for (Operation spawn : done) {
      boolean none = !left.contains(spawn.key()) && !left.contains(spawn.argument());
      Effect told = lost.get(spawn.key());
      if (spawn.kind() != Kind.SPAWN || !none || (told != null && excused(run, spawn, told))) {
        continue;
      }
      if (told != null && Starvation.between(run, spawn.invokedNanos(), told.atNanos())) {
        unclear++;
      } else {
        String what =
            told == null ? "" : ", was told as lost, and nothing was done to " + told.node();
        findings.add(
            Finding.of(
                "job %s was acknowledged and left no effect%s:%n  %s"
                    .formatted(spawn.key(), what, spawn),
                List.of(spawn)));
      }
    }
    return unclear;
  }

  /// Whether something was done to the node that lost a job, from its spawn on. Where nodes do not
  /// hear each other any of them may be held for gone before an order came to it.
  private static boolean excused(RunEvidence run, Operation spawn, Effect lost) {
    long since = spawn.invokedNanos();
    return run.events().stream()
            .filter(event -> event.atNanos() >= since && Ends.PROCESS.contains(event.kind()))
            .anyMatch(event -> event.node().equals(lost.node()))
        || run.faults().stream()
            .filter(fault -> fault.toNanos() >= since)
            .anyMatch(
                fault ->
                    fault.targets().contains(lost.node())
                        || Kinds.is(fault, FaultKind.ISOLATE)
                        || fault.targets().stream().anyMatch(hit -> hit.contains(">")));
  }
}
