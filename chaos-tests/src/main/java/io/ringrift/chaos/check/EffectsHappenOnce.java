package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Effect;
import io.ringrift.chaos.evidence.ItemFinal;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// An item is completed once, a repeated submit makes one item, and an attempt of a job runs once
/// (RELIABILITY J1, J2, L5). A job that is tried again under another token is told, and is allowed.
final class EffectsHappenOnce implements Check {
  @Override
  public String source() {
    return "J1, J2, L5";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS, Part.FINALS, Part.EFFECTS);
  }

  @Override
  public Result of(RunEvidence run) {
    var findings = new ArrayList<Finding>();
    int completed = completedTwice(run, findings);
    run.finals().stream().filter(NodeFinal::answered).forEach(node -> twins(node, findings));
    String jobs = ranTwice(run, findings);
    return completed == 0 && run.effects().isEmpty() && findings.isEmpty()
        ? Result.notConcerned(this, "nothing was completed and no effect is recorded")
        : Result.of(this, completed + " completions, " + jobs, findings);
  }

  private static int completedTwice(RunEvidence run, List<Finding> findings) {
    var first = new HashMap<String, Operation>();
    int completed = 0;
    for (Operation operation : run.history().operations()) {
      if (operation.kind() != Kind.COMPLETE || !operation.ok()) {
        continue;
      }
      completed++;
      Operation before = first.putIfAbsent(operation.key(), operation);
      if (before != null
          && (before.token() != operation.token()
              || !before.argument().equals(operation.argument()))) {
        findings.add(
            Finding.of(
                "item %s was completed twice:%n  %s%n  %s"
                    .formatted(operation.key(), before, operation),
                List.of(before, operation)));
      }
    }
    return completed;
  }

  private static void twins(NodeFinal node, List<Finding> findings) {
    var byPayload = new HashMap<String, String>();
    for (ItemFinal item : node.items()) {
      String twin = item.payload().isEmpty() ? null : byPayload.put(item.payload(), item.id());
      if (twin != null) {
        findings.add(
            Finding.of(
                "one submit made two items at %s: %s and %s, payload %s"
                    .formatted(node.node(), twin, item.id(), item.payload())));
      }
    }
  }

  private record Line(String key, long token, String what) {}

  private static String ranTwice(RunEvidence run, List<Finding> findings) {
    var lines = new LinkedHashMap<Line, Effect>();
    var attempts = new HashMap<String, TreeSet<Long>>();
    for (Effect effect : run.effects()) {
      if (effect.what().equals(Effect.OPEN)) {
        continue;
      }
      var line = new Line(effect.key(), effect.token(), effect.what());
      Effect before = lines.putIfAbsent(line, effect);
      attempts.computeIfAbsent(effect.key(), _ -> new TreeSet<>()).add(effect.token());
      if (before != null) {
        findings.add(
            new Finding(
                "%s of %s under token %d happened twice: at %s by %s and at %s by %s"
                    .formatted(
                        effect.what(),
                        effect.key(),
                        effect.token(),
                        before.node(),
                        Times.text(before.atNanos()),
                        effect.node(),
                        Times.text(effect.atNanos())),
                List.of(),
                List.of(before.node(), effect.node()),
                before.atNanos(),
                effect.atNanos()));
      }
    }
    long again = attempts.values().stream().filter(tokens -> tokens.size() > 1).count();
    return attempts.size() + " jobs with effects, " + again + " of them tried again";
  }
}
