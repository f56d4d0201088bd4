package io.ringrift.chaos.run;

import io.ringrift.chaos.check.Finding;
import io.ringrift.chaos.check.Result;
import io.ringrift.chaos.check.Status;
import io.ringrift.chaos.check.Verdict;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.report.Judged;
import io.ringrift.chaos.sim.Fault;
import io.ringrift.chaos.sim.Violation;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// Simulations of one scenario as evidence for a page and for CI. Its times are virtual.
final class SimEvidence {
  private static final int MOST = 10_000;

  private SimEvidence() {}

  /// @param replay command that runs the saved schedule, or all, again
  static Judged of(RunPlan plan, SimRuns.Sum sum, String replay) {
    var recorder = new EvidenceRecorder(MOST);
    recorder.note(
        "simulated: the faults of the scenario, with a load and bounds of the simulator's own; what"
            + " the scenario says of load and expects is for real nodes");
    var results =
        List.of(
            sum.failed()
                .map(failed -> broken(failed.outcome().violation().orElseThrow(), failed))
                .orElseGet(
                    () -> result("SimulatedInvariants", status(sum), figures(sum), List.of())));
    sum.failed()
        .ifPresent(
            failed -> {
              failed.schedule().forEach(fault -> recorder.fault(band(fault)));
              recorder.note(
                  "shrunk: with fewer faults, fewer voters or less time it was not broken; times"
                      + " are virtual");
              failed
                  .outcome()
                  .violation()
                  .orElseThrow()
                  .lastLines()
                  .forEach(line -> recorder.note("trace: " + line));
            });
    var run =
        recorder.evidence(
            setting(plan, sum, replay),
            Expectations.NONE,
            new History(new RunClock(Ticker.system()), 1));
    return new Judged(run, new Verdict(results, ""));
  }

  /// A simulation in which no command was ever acknowledged proves nothing.
  private static Status status(SimRuns.Sum sum) {
    return sum.seeds() == 0 || sum.silent() > 0 ? Status.UNDECIDED : Status.KEPT;
  }

  static String figures(SimRuns.Sum sum) {
    String silent = sum.silent() == 0 ? "" : " (none in %d seeds)".formatted(sum.silent());
    return String.format(
        Locale.ROOT,
        "%d seeds, %d acknowledged%s, slowest healing %.1f s",
        sum.seeds(),
        sum.acknowledged(),
        silent,
        sum.slowest().toMillis() / 1e3);
  }

  private static Result broken(Violation violation, SimRuns.Failed failed) {
    String text =
        violation
            + "\n"
            + String.join("\n", failed.schedule().stream().map(Fault::toString).toList());
    return result(
        violation.invariant(),
        Status.VIOLATED,
        "seed " + violation.seed() + ", " + failed.schedule().size() + " faults are left",
        List.of(new Finding(text, List.of(), List.of(), violation.at(), violation.at())));
  }

  private static Result result(
      String name, Status status, String evidence, List<Finding> findings) {
    return new Result(name, "simulation", status, evidence, findings);
  }

  private static FaultBand band(Fault fault) {
    String name = fault.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    return new FaultBand(name, List.of(), fault.from(), until(fault), fault.toString(), false);
  }

  static long until(Fault fault) {
    return switch (fault) {
      case Fault.Crash crash -> crash.from() + crash.downFor();
      case Fault.Leave leave -> leave.from() + leave.downFor();
      case Fault.Pause pause -> pause.until();
      case Fault.Cut cut -> cut.until();
      case Fault.Isolate isolate -> isolate.until();
      case Fault.Weather weather -> weather.until();
      case Fault.Link link -> link.until();
      case Fault.Unfit unfit -> unfit.until();
      case Fault.ClockRate _, Fault.StepDown _, Fault.Transfer _ -> fault.from();
    };
  }

  private static Setting setting(RunPlan plan, SimRuns.Sum sum, String replay) {
    List<String> nodes =
        IntStream.rangeClosed(1, plan.scenario().nodes()).mapToObj(i -> "n" + i).toList();
    return new Setting(
        plan.scenario().name(),
        plan.scenario().description(),
        plan.ground().word(),
        "http",
        "bully",
        sum.failed().map(failed -> failed.outcome().seed()).orElse(plan.seed()),
        replay,
        nodes,
        nodes,
        Duration.ZERO,
        sum.failed()
            .map(failed -> Duration.ofNanos(failed.outcome().virtualNanos()))
            .orElse(plan.length()));
  }
}
