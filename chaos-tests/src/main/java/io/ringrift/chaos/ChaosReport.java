package io.ringrift.chaos;

import io.ringrift.chaos.report.EvidenceFile;
import io.ringrift.chaos.report.Judged;
import io.ringrift.chaos.report.NotRun;
import io.ringrift.chaos.report.Reports;
import io.ringrift.chaos.report.SuiteFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Tells the verdicts of earlier runs, and writes their pages again.
@Command(
    name = "report",
    description = "Tells the verdicts in a folder of reports, and writes its pages again.",
    mixinStandardHelpOptions = true)
final class ChaosReport implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", defaultValue = "target/chaos", description = "target/chaos")
  Path folder = Path.of("target/chaos");

  @Spec CommandSpec spec = CommandSpec.create();

  private boolean passedOver;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    var all = new ArrayList<Judged>();
    for (Path file : results()) {
      Judged judged;
      try {
        judged = EvidenceFile.read(file);
      } catch (IOException foreign) {
        passOver(foreign);
        continue;
      }
      all.add(judged);
      out.println(
          String.format(
              Locale.ROOT, "%-13s %s", judged.verdict().word(), Reports.write(folder, judged)));
    }
    List<NotRun> notRun = notRun();
    notRun.forEach(
        each -> out.println("%-13s %s: %s".formatted("not run", each.scenario(), each.reason())));
    if (all.isEmpty() && notRun.isEmpty()) {
      out.println("no results in " + folder + "; \"chaos run … --report DIR\" writes them");
      out.flush();
      return 2;
    }
    Reports.writeSum(folder, all, notRun);
    out.println("report: " + folder.resolve("index.html"));
    out.flush();
    var codes = all.stream().map(each -> each.verdict().exitCode()).toList();
    if (codes.contains(1)) {
      return 1;
    }
    boolean undone = notRun.stream().anyMatch(each -> !each.excluded());
    return passedOver || undone || codes.isEmpty() || codes.contains(2) ? 2 : 0;
  }

  private List<NotRun> notRun() {
    try {
      return SuiteFile.notRun(folder);
    } catch (IOException foreign) {
      passOver(foreign);
      return List.of();
    }
  }

  /// One of another build does not keep the others from being told.
  private void passOver(IOException foreign) {
    passedOver = true;
    spec.commandLine().getOut().println("%-13s %s".formatted("not read", foreign.getMessage()));
  }

  private List<Path> results() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files.filter(file -> isResult(file)).sorted().toList();
    }
  }

  private static boolean isResult(Path file) {
    return file.toString().endsWith(".json") && !file.endsWith(SuiteFile.NAME);
  }
}
