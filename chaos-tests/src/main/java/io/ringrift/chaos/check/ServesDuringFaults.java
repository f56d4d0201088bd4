package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.scenario.FaultKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Where the scenario says `served`, writes are acknowledged while each fault goes on: once the
/// time has gone by in which a leader that it may have cost is replaced, and from its beginning
/// where it spared the leader. A change of the voters or the mode makes every node begin again, so
/// there the time counts from its answer. A fault that leaves no second behind that is not judged
/// by itself; where there are only such ones, a write has to be done in the second half of one of
/// them.
final class ServesDuringFaults implements Check {
  /// Least time in which a write has to be done.
  private static final long ROOM = Duration.ofSeconds(1).toNanos();

  /// A client asks the next node when one has not answered for so long.
  private static final long TRY = Duration.ofSeconds(2).toNanos();

  /// These take no leader from anybody.
  private static final Set<String> HARMLESS =
      Kinds.words(FaultKind.HOSTILE, FaultKind.FORGE, FaultKind.CLOCK_JUMP, FaultKind.DUPLICATE);

  /// These strike again until their end.
  private static final Set<String> REPEATED = Kinds.words(FaultKind.RESTART);

  private static final Set<String> CHANGES =
      Kinds.words(FaultKind.ADD_VOTER, FaultKind.REMOVE_VOTER, FaultKind.SWITCH_MODE);

  @Override
  public String source() {
    return "C.2, M7";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.FAULTS, Part.OPERATIONS, Part.SAMPLES);
  }

  @Override
  public boolean gapsAccuse() {
    return true;
  }

  /// A time in which a write has to be done.
  private record Span(FaultBand fault, long from, long to) {}

  @Override
  public Result of(RunEvidence run) {
    if (!run.expectations().serves()) {
      return Result.notConcerned(this, "the scenario does not promise it");
    }
    if (!run.failure().isEmpty()) {
      return Result.undecided(this, "the run broke off");
    }
    var asked = Stillness.ofRoles(run, _ -> true);
    List<Span> judged =
        run.faults().stream()
            .map(fault -> new Span(fault, begun(run, fault), fault.toNanos()))
            .filter(span -> span.to() > span.from() && asked.awake(span.from(), span.to()) >= ROOM)
            .toList();
    return judged.isEmpty() ? together(run) : each(run, judged);
  }

  private Result each(RunEvidence run, List<Span> judged) {
    var findings = new ArrayList<Finding>();
    int starved = 0;
    for (Span span : judged) {
      if (served(run, span)) {
        continue;
      }
      if (Starvation.between(run, span.fault().fromNanos(), span.to())) {
        starved++;
      } else {
        findings.add(idle(span));
      }
    }
    return findings.isEmpty() && starved > 0
        ? Result.undecided(
            this,
            "nothing was acknowledged during %d faults, and %s".formatted(starved, Starvation.TOLD))
        : Result.of(this, judged.size() + " faults with writes during them", findings);
  }

  private Result together(RunEvidence run) {
    List<Span> halves =
        run.faults().stream()
            .map(f -> new Span(f, f.fromNanos() + (f.toNanos() - f.fromNanos()) / 2, f.toNanos()))
            .toList();
    long served = halves.stream().filter(span -> served(run, span)).count();
    return served == 0
        ? Result.undecided(this, "no fault lasted long enough, and no write was done in any")
        : Result.of(this, "no fault lasted long enough alone; writes during " + served, List.of());
  }

  private static boolean served(RunEvidence run, Span span) {
    return run.history().operations().stream()
        .anyMatch(o -> Writes.doneWithin(o, span.from(), span.to()));
  }

  /// When somebody has to lead again.
  private static long begun(RunEvidence run, FaultBand fault) {
    if (REPEATED.contains(fault.name())) {
      return fault.fromNanos();
    }
    long replaced = run.expectations().detectWithin().toNanos() + TRY;
    OptionalLong changed = changed(run, fault);
    if (changed.isPresent()) {
      return changed.getAsLong() + replaced;
    }
    return fault.fromNanos() + (spared(run, fault) ? 0 : replaced);
  }

  /// When the change was answered that this is; empty when it is none, or was refused.
  private static OptionalLong changed(RunEvidence run, FaultBand fault) {
    return !CHANGES.contains(fault.name())
        ? OptionalLong.empty()
        : run.events().stream()
            .filter(event -> event.kind().equals(NodeEvent.CHANGED))
            .filter(event -> fault.targets().contains(event.node()))
            .mapToLong(NodeEvent::atNanos)
            .filter(at -> at >= fault.fromNanos() && at <= fault.toNanos())
            .max();
  }

  /// Whether the leader was none of those that were hit, and nobody was hit by anything else.
  private static boolean spared(RunEvidence run, FaultBand fault) {
    if (HARMLESS.contains(fault.name())) {
      return true;
    }
    Optional<String> leader =
        run.samples().stream()
            .filter(sample -> sample.leads() && sample.atNanos() <= fault.fromNanos())
            .max(Comparator.comparingLong(RoleSample::epoch))
            .map(RoleSample::node);
    boolean others =
        run.faults().stream()
            .anyMatch(
                other ->
                    !other.equals(fault)
                        && other.fromNanos() < fault.toNanos()
                        && other.toNanos() > fault.fromNanos());
    return !others
        && !fault.targets().isEmpty()
        && leader.isPresent()
        && fault.targets().stream().noneMatch(hit -> names(hit, leader.get()));
  }

  /// @param hit a node, or a link as `a>b`
  private static boolean names(String hit, String node) {
    return hit.equals(node) || hit.startsWith(node + ">") || hit.endsWith(">" + node);
  }

  private static Finding idle(Span span) {
    FaultBand fault = span.fault();
    return new Finding(
        "nothing was acknowledged from %s to %s, while %s of %s went on since %s"
            .formatted(
                Times.text(span.from()),
                Times.text(span.to()),
                fault.name(),
                String.join(", ", fault.targets()),
                Times.text(fault.fromNanos())),
        List.of(),
        fault.targets(),
        span.from(),
        span.to());
  }
}
