package io.ringrift.chaos.run;

import io.ringrift.chaos.check.Result;
import io.ringrift.chaos.check.Status;
import io.ringrift.chaos.check.Verdict;
import io.ringrift.chaos.ground.ChaosFolders;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.ground.Machine;
import io.ringrift.chaos.report.Judged;
import io.ringrift.chaos.report.NotRun;
import io.ringrift.chaos.report.Reports;
import io.ringrift.chaos.scenario.GroundKind;
import io.ringrift.chaos.scenario.Scenario;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.node.config.Quantities;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Runs scenarios one behind another, each on a cluster of its own, and keeps the sum. One thread.
public final class Suite {
  private static final int SHOWN = 3;

  /// Makes the ground of a run, with nothing started yet.
  @FunctionalInterface
  interface Opening {
    Ground open(RunPlan plan, Path folder) throws IOException;
  }

  private final Path reports;
  private final PrintWriter out;
  private final Opening opening;
  private final Ticker ticker = Ticker.system();
  private final Moment start = ticker.now();

  /// For the sum, with bare evidence: that of all runs may not fit into memory.
  private final List<Judged> all = new ArrayList<>();

  private int kept;
  private int violated;
  private int undone;

  /// Of which there is no verdict; while one runs, that and those behind it.
  private final List<NotRun> notRun = new ArrayList<>();

  /// @param namespaces tag of those that this process runs in; empty outside
  public Suite(Path reports, String namespaces, PrintWriter out) {
    this(reports, out, new Grounds(namespaces));
  }

  Suite(Path reports, PrintWriter out, Opening opening) {
    this.reports = reports;
    this.out = out;
    this.opening = opening;
  }

  /// Runs them one behind another; what it cannot run is told with the reason. The sum on disk is
  /// true at every moment: a run that is interrupted, and those behind it, stand there as such.
  ///
  /// @throws Refusal INVALID_ARGUMENT for one that is too long; nothing was run then
  public void run(List<RunPlan> plans) throws IOException, InterruptedException {
    plans.forEach(Suite::requireRoom);
    requireOwnNames(plans);
    for (int i = 0; i < plans.size(); i++) {
      var pending = new ArrayList<>(notRun);
      pending.add(notRun(plans.get(i), "it was interrupted while it ran", false));
      plans.stream()
          .skip(i + 1)
          .forEach(plan -> pending.add(notRun(plan, "the runs were interrupted before it", false)));
      Reports.writeSum(reports, all, pending);
      run(plans.get(i));
    }
  }

  /// A report is named by its scenario.
  private static void requireOwnNames(List<RunPlan> plans) {
    var names = new HashSet<String>();
    for (RunPlan plan : plans) {
      if (!names.add(plan.scenario().name())) {
        throw Refusal.invalid(
            "SCENARIO",
            plan.scenario().name(),
            "named once: the report of the second would take the place of the first");
      }
    }
  }

  private static void requireRoom(RunPlan plan) {
    Scenario scenario = plan.scenario();
    Duration longest = Runner.longest(scenario.nodes() + scenario.workers());
    if (plan.ground() != GroundKind.SIM && plan.length().compareTo(longest) > 0) {
      throw Refusal.invalid(
          "--duration",
          Quantities.text(plan.length()),
          "at most %s for %s: the evidence of a run is bounded"
              .formatted(Quantities.text(longest), scenario.name()));
    }
  }

  private static NotRun notRun(RunPlan plan, String reason, boolean excluded) {
    return new NotRun(
        plan.scenario().name(),
        plan.ground().word(),
        word(plan.membership()),
        word(plan.consensus()),
        plan.seed(),
        reason,
        excluded);
  }

  private void run(RunPlan plan) throws IOException, InterruptedException {
    Scenario scenario = plan.scenario();
    Optional<String> obstacle = obstacle(plan);
    if (obstacle.isPresent()) {
      notRun.add(notRun(plan, obstacle.get(), true));
      say("%-22s not run: %s", scenario.name(), obstacle.get());
      return;
    }
    int judged = all.size();
    Moment began = ticker.now();
    try {
      if (plan.ground() == GroundKind.SIM) {
        simulated(plan, began);
      } else {
        real(plan, began);
      }
    } catch (IOException | RuntimeException e) {
      // It says nothing of the cluster, and those behind it may run.
      String why = e instanceof Refusal refusal ? refusal.text() : e.toString();
      undone++;
      if (all.size() == judged) {
        notRun.add(notRun(plan, "it broke off: " + why, false));
      }
      say("%-22s broke off: %s", scenario.name(), why);
    }
  }

  private void simulated(RunPlan plan, Moment began) throws IOException {
    SimRuns.Sum sum = SimRuns.run(plan);
    Judged judged = SimEvidence.of(plan, sum, plan.replay());
    Verdict verdict = judged.verdict();
    count(verdict.exitCode());
    say(
        "%-22s %-13s %5.1f s  %s",
        plan.scenario().name(),
        verdict.word(),
        ticker.now().since(began).toMillis() / 1e3,
        SimEvidence.figures(sum));
    keep(judged);
    if (sum.failed().isPresent()) {
      judged = SimEvidence.of(plan, sum, saved(plan, sum.failed().get()));
      all.removeLast();
      keep(judged);
    }
    Path page = Reports.write(reports, judged);
    if (verdict.exitCode() != 0) {
      say("    report: %s", page);
    }
  }

  /// @return the command that runs it again
  private String saved(RunPlan plan, SimRuns.Failed failed) throws IOException {
    say("    %s", failed.outcome().violation().orElseThrow());
    say("    the fewest faults that still break it:");
    failed.schedule().forEach(fault -> say("      %s", fault));
    Path file =
        reports.resolve(
            plan.scenario().name() + "-sim-" + failed.outcome().seed() + SimFile.ENDING);
    failed.file(plan.scenario().timing()).write(file);
    String replay = "bin/ringrift sim replay " + file;
    say("    replay: %s", replay);
    return replay;
  }

  private static Optional<String> obstacle(RunPlan plan) {
    Scenario scenario = plan.scenario();
    if (plan.ground() == GroundKind.SIM && plan.consensus() != ConsensusMode.BULLY) {
      return Optional.of(
          "only the cores of mode bully are simulated; Ratis has threads and clocks");
    }
    if (plan.ground() == GroundKind.SIM && plan.membership() != MembershipMode.HTTP) {
      return Optional.of("only membership http is simulated; ScaleCube has threads and clocks");
    }
    if (!scenario.modes().contains(plan.consensus())) {
      return Optional.of("it is not for mode " + word(plan.consensus()));
    }
    if (!scenario.memberships().contains(plan.membership())) {
      return Optional.of("it is not for membership " + word(plan.membership()));
    }
    return scenario.cannotRunOn(plan.ground()).or(() -> lacking(scenario));
  }

  /// What this machine lacks for a fault.
  private static Optional<String> lacking(Scenario scenario) {
    return scenario.faults().stream()
        .flatMap(fault -> Machine.cannot(fault.kind()).stream())
        .findFirst();
  }

  private void real(RunPlan plan, Moment began) throws IOException, InterruptedException {
    try (var interruption = new Interruption(out)) {
      Path folder = interruption.folder();
      try {
        RunResult result = result(plan, folder, interruption);
        interruption.check();
        Judged judged = told(plan.scenario().name(), result, began);
        if (judged.verdict().exitCode() != 0) {
          say("    replay: %s", plan.replay());
          keepLogs(judged.name(), folder);
        }
      } finally {
        interruption.check();
        var _ = ChaosFolders.remove(folder);
      }
    }
  }

  private RunResult result(RunPlan plan, Path folder, Interruption interruption)
      throws IOException, InterruptedException {
    try (Ground ground = opening.open(plan, folder)) {
      interruption.opened(ground);
      return new Runner(plan, ground, folder).run();
    }
  }

  private Judged told(String name, RunResult result, Moment began) throws IOException {
    Judged judged = result.judged();
    Verdict verdict = judged.verdict();
    say(
        "%-22s %-13s %5.1f s  %s",
        name, verdict.word(), ticker.now().since(began).toMillis() / 1e3, result.figures());
    tell(verdict);
    // Before the page: a place for reports that is full changes no verdict.
    keep(judged);
    count(verdict.exitCode());
    Path page = Reports.write(reports, judged);
    if (verdict.exitCode() != 0) {
      say("    report: %s", page);
    }
    return judged;
  }

  private void keep(Judged judged) {
    all.add(new Judged(judged.run().bare(), judged.verdict()));
  }

  private void tell(Verdict verdict) {
    if (!verdict.failure().isEmpty()) {
      say("    %s", verdict.failure());
    }
    for (Result each : verdict.results()) {
      if (each.status() == Status.VIOLATED || each.status() == Status.UNDECIDED) {
        say("    %s %s: %s", each.name(), word(each.status()), each.evidence());
        each.findings().stream().limit(SHOWN).forEach(finding -> say("      %s", finding.text()));
      }
    }
  }

  private void count(int code) {
    switch (code) {
      case 0 -> kept++;
      case 1 -> violated++;
      default -> undone++;
    }
  }

  private void keepLogs(String name, Path folder) throws IOException {
    Path target = reports.resolve(name + "-logs");
    Files.createDirectories(target);
    try (var files = Files.walk(folder, 2)) {
      for (Path log : files.filter(file -> file.endsWith("node.log")).toList()) {
        Files.copy(
            log,
            target.resolve(folder.relativize(log).getName(0) + ".log"),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    say("    logs: %s", target);
  }

  /// Does to a deployment of the user's own what the plan says, and checks what its clients were
  /// told.
  public int live(LivePlan plan) throws IOException, InterruptedException {
    for (LiveFault fault : plan.faults()) {
      var pending = new ArrayList<>(notRun);
      plan.faults().stream()
          .skip(plan.faults().indexOf(fault))
          .forEach(each -> pending.add(LiveRun.notRun(plan, each, "the run was interrupted")));
      Reports.writeSum(reports, all, pending);
      live(plan, fault);
    }
    return finish();
  }

  private void live(LivePlan plan, LiveFault fault) throws IOException, InterruptedException {
    Moment began = ticker.now();
    // Short: types of work and names of workers are.
    String prefix = "live%06d_".formatted(Math.floorMod(began.nanos() / 1000, 1_000_000));
    try {
      var _ = told(fault.word(), new LiveRun(plan, fault, prefix, out).run(), began);
    } catch (Refusal refusal) {
      notRun.add(LiveRun.notRun(plan, fault, refusal.text()));
      undone++;
      say("%-22s not run: %s", fault.word(), refusal.text());
    }
  }

  /// The sum of all.
  ///
  /// @return exit code: 0 all kept, 1 something violated, 2 something could not run or nothing ran
  public int finish() throws IOException {
    if (!all.isEmpty() || !notRun.isEmpty()) {
      Reports.writeSum(reports, all, notRun);
      say("report: %s", reports.resolve("index.html"));
    }
    say(
        "%d kept, %d violated, %d could not be done, %d not for this ground or mode, in %.0f s",
        kept,
        violated,
        undone,
        notRun.stream().filter(NotRun::excluded).count(),
        ticker.now().since(start).toMillis() / 1e3);
    if (violated > 0) {
      return 1;
    }
    return undone > 0 || kept == 0 ? 2 : 0;
  }

  private static String word(Enum<?> mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  @SuppressWarnings("AnnotateFormatMethod") // its annotation is of a library that is none of ours
  private void say(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values).stripTrailing());
    out.flush();
  }
}
