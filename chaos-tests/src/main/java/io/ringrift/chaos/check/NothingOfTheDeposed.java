package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Effect;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Where a later epoch is known, no order of an earlier one takes effect (RELIABILITY F1, F2),
/// where the leader of an epoch is known, no order of another in that epoch (E1), and nowhere one
/// in the name of a leader that no node ever named in that epoch. The end of a job is no order.
/// Where nobody ordered anything under an epoch before the newest, nothing is shown.
final class NothingOfTheDeposed implements Check {
  @Override
  public String source() {
    return "E1, F1, F2";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS, Part.SAMPLES, Part.EFFECTS, Part.AUDIT);
  }

  @Override
  public Result of(RunEvidence run) {
    var findings = new ArrayList<Finding>();
    long newest = run.samples().stream().mapToLong(RoleSample::epoch).max().orElse(0);
    boolean shown = false;
    int looked = 0;
    for (Operation order : run.history().operations()) {
      if (order.kind() == Kind.ORDER) {
        looked++;
        shown = true;
        if (order.ok()) {
          known(run.samples(), order.key(), order.token(), order.invokedNanos())
              .ifPresent(sample -> findings.add(obeyed(order, sample)));
          rival(run.samples(), order).ifPresent(sample -> findings.add(obeyed(order, sample)));
          if (!order.argument().isEmpty() && !held(run, order.argument(), order.token())) {
            findings.add(invented(order));
          }
        }
      }
    }
    for (Effect effect : run.effects()) {
      if (effect.epoch() > 0 && !effect.what().equals("end")) {
        looked++;
        shown |= effect.epoch() < newest;
        known(run.samples(), effect.node(), effect.epoch(), effect.atNanos() - Times.SLACK)
            .ifPresent(sample -> findings.add(late(effect, sample)));
      }
    }
    return !shown
        ? Result.notConcerned(
            this, "of " + looked + " orders and effects none is of an epoch before the newest")
        : Result.of(this, looked + " orders and effects", findings);
  }

  /// A sample in which the node knew a later epoch before that time.
  private static Optional<RoleSample> known(
      List<RoleSample> samples, String node, long epoch, long before) {
    return samples.stream()
        .filter(s -> s.answered() && s.node().equals(node))
        .filter(s -> s.epoch() > epoch && s.atNanos() < before)
        .findFirst();
  }

  /// A sample in which the node knew another leader of the order's epoch before it came.
  private static Optional<RoleSample> rival(List<RoleSample> samples, Operation order) {
    return samples.stream()
        .filter(s -> s.answered() && s.node().equals(order.key()))
        .filter(s -> s.epoch() == order.token() && s.atNanos() < order.invokedNanos())
        .filter(s -> !s.leader().isEmpty() && !order.argument().isEmpty())
        .filter(s -> !s.leader().equals(order.argument()))
        .findFirst();
  }

  /// Whether anybody ever named that node leader of that epoch, or may have.
  private static boolean held(RunEvidence run, String leader, long epoch) {
    return run.lacks(Part.SAMPLES)
        || run.lacks(Part.AUDIT)
        || run.samples().stream().anyMatch(s -> s.epoch() == epoch && s.leader().equals(leader))
        || run.audit().stream()
            .anyMatch(
                record ->
                    record.kind().equals("elected")
                        && record.epoch() == epoch
                        && record.node().equals(leader));
  }

  private static Finding invented(Operation order) {
    return Finding.of(
        "%s obeyed an order of epoch %d in the name of %s, whom nobody ever named its leader:%n  %s"
            .formatted(order.key(), order.token(), order.argument(), order),
        List.of(order));
  }

  private static Finding obeyed(Operation order, RoleSample sample) {
    return Finding.of(
        "%s obeyed an order of epoch %d in the name of %s, and knew epoch %d of %s at %s:%n  %s"
            .formatted(
                order.key(),
                order.token(),
                order.argument().isEmpty() ? "an unknown node" : order.argument(),
                sample.epoch(),
                sample.leader().isEmpty() ? "an unknown node" : sample.leader(),
                Times.text(sample.atNanos()),
                order),
        List.of(order));
  }

  private static Finding late(Effect effect, RoleSample sample) {
    return Finding.at(
        "%s of %s under epoch %d took effect at %s by %s, which knew epoch %d at %s"
            .formatted(
                effect.what(),
                effect.key(),
                effect.epoch(),
                effect.node(),
                Times.text(effect.atNanos()),
                sample.epoch(),
                Times.text(sample.atNanos())),
        effect.atNanos(),
        effect.node());
  }
}
