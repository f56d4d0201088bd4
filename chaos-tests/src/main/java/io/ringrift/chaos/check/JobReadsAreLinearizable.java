package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.Part;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A read of a job that is to be as of now shows nothing older than what anybody was told of the
/// job before it began: a job that was spawned is there, one that ended stays as it ended, a cancel
/// that was accepted is seen, and an attempt goes on and never back (RELIABILITY L1, L4, J3). A job
/// is moved on by the cluster itself, so only answers that do not overlap are compared.
final class JobReadsAreLinearizable implements Check {
  private static final Set<String> ENDED =
      Set.of("COMPLETE", "FAILED", "EXPIRED", Life.CANCELLED, "PROMOTED");

  /// States of an attempt that its node has taken; one that was lost may be found again.
  private static final Set<String> TAKEN = Set.of("STARTING", "RUNNING", "LOST");

  private static final String NOTHING = "";

  @Override
  public String source() {
    return "L1, L4, J3";
  }

  @Override
  public Set<Part> parts() {
    return EnumSet.of(Part.OPERATIONS);
  }

  @Override
  public Result of(RunEvidence run) {
    Map<String, List<Operation>> byJob = new TreeMap<>();
    run.history().operations().stream()
        .filter(o -> o.ok() && !o.key().isEmpty() && !o.mayBeOld())
        .filter(
            o ->
                switch (o.kind()) {
                  case SPAWN, CANCEL_JOB, READ_JOB -> true;
                  default -> false;
                })
        .forEach(o -> byJob.computeIfAbsent(o.key(), _ -> new ArrayList<>()).add(o));
    var findings = new ArrayList<Finding>();
    int reads = 0;
    for (List<Operation> told : byJob.values()) {
      for (Operation read : told) {
        if (read.kind() == Kind.READ_JOB) {
          reads++;
          older(told, read).ifPresent(findings::add);
        }
      }
    }
    return reads == 0
        ? Result.notConcerned(this, "no job was read as of now")
        : Result.of(this, reads + " reads of jobs", findings);
  }

  private static Optional<Finding> older(List<Operation> told, Operation read) {
    for (Operation before : told) {
      String wrong =
          before.returnedNanos() < read.invokedNanos() ? wrong(before, read.answer()) : NOTHING;
      if (!wrong.isEmpty()) {
        return Optional.of(
            Finding.of(
                "job %s %s:%n  %s%n  %s".formatted(read.key(), wrong, before, read),
                List.of(before, read)));
      }
    }
    return Optional.empty();
  }

  private static String wrong(Operation before, Answer now) {
    Answer then = before.answer();
    if (now.state().equals(Life.ABSENT)) {
      return then.state().equals(Life.ABSENT) ? NOTHING : "was there and is not";
    }
    if (ENDED.contains(then.state())) {
      boolean may =
          now.state().equals(then.state())
              || (then.state().equals("COMPLETE") && now.state().equals("PROMOTED"));
      return may ? NOTHING : "had ended and is " + now.state();
    }
    if (before.kind() == Kind.CANCEL_JOB
        && !now.text().equals(Operation.CANCEL_REQUESTED)
        && !ENDED.contains(now.state())) {
      return "was to be cancelled and does not know it";
    }
    if (then.token() > 0 && now.token() > 0 && now.token() < then.token()) {
      return "is in an attempt from before";
    }
    boolean back =
        then.token() > 0
            && now.token() == then.token()
            && TAKEN.contains(then.state())
            && now.state().equals(Life.CLAIMED);
    return back ? "went back in its attempt" : NOTHING;
  }
}
