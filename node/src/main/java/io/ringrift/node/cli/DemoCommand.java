package io.ringrift.node.cli;

import io.ringrift.node.cli.DemoRun.DemoPlan;
import io.ringrift.node.local.LocalCluster;
import io.ringrift.node.local.LocalSetup;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `ringrift demo`: a real cluster on this machine loses its leader and finishes its work.
@Command(
    name = "demo",
    description =
        "Starts real nodes on loopback, plays real games, kills the leader, finishes anyway.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Option(names = "--nodes", defaultValue = "3", description = "Node processes (default 3).")
  int nodes = 3;

  @Option(names = "--jobs", defaultValue = "6", description = "Self-play jobs (default 6).")
  int jobs = 6;

  @Option(names = "--games", defaultValue = "40", description = "Games a job (default 40).")
  int games = 40;

  @Option(
      names = "--board",
      defaultValue = "",
      description = "hex5 … hex11 (default hex8; hex5 with --learn).")
  String board = "";

  @Option(names = "--engine", defaultValue = "mcts", description = "random, heuristic or mcts.")
  String engine = "mcts";

  @Option(names = "--ports", split = ",", description = "Ports of the nodes; free ones if absent.")
  List<Integer> ports = new ArrayList<>();

  @Option(names = "--dir", description = "Folder for state and data; a temporary one if absent.")
  @Nullable Path dir;

  @Option(
      names = "--learn",
      description = "Let the cluster learn by itself until it plays better than the untrained one.")
  boolean learn;

  @Option(
      names = "--minutes",
      defaultValue = "15",
      description = {
        "Longest time with --learn (default 15); below 10, one training run and one promotion are",
        "enough instead of three and two."
      })
  int minutes = 15;

  @Option(
      names = "--kill",
      description = "With --learn: kill -9 the leader twice and the node that trains once.")
  boolean kill;

  @Option(names = "--plot", description = "With --learn: file for the plot of the ladder.")
  @Nullable Path plot;

  @Option(names = "--keep", description = "Leave the cluster running and say what to try next.")
  boolean keep;

  @Option(
      names = {"-o", "--output"},
      defaultValue = "table",
      description = "table or json.")
  ConnectionOptions.OutputFormat output = ConnectionOptions.OutputFormat.table;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    boolean json = output == ConnectionOptions.OutputFormat.json;
    PrintWriter progress = json ? err : out;
    if (learn) {
      return learn(json, progress);
    }
    board = board.isEmpty() ? "hex8" : board;
    boolean temporary = dir == null;
    Path folder = dir == null ? Files.createTempDirectory("ringrift-demo-") : dir;
    // Ctrl-C must not leave nodes behind; jobs end with the clean-up below.
    try (var cluster = new LocalCluster(folder, nodes, ports, (jobs + nodes - 1) / nodes)) {
      var hook = new Thread(cluster::close);
      Runtime.getRuntime().addShutdownHook(hook);
      printPlan(cluster, progress);
      var plan = new DemoPlan(jobs, games, board, engine, Duration.ofMinutes(2));
      DemoReport report = new DemoRun(cluster, plan, line -> say(progress, line)).run();
      Runtime.getRuntime().removeShutdownHook(hook);
      return finish(cluster, report, temporary, json, out);
    } catch (IllegalStateException e) {
      err.println("demo failed: " + e.getMessage());
      return ExitCodes.FAILED;
    }
  }

  private Integer learn(boolean json, PrintWriter progress)
      throws IOException, InterruptedException {
    var plan = LearnPlan.of(board.isEmpty() ? "hex5" : board, minutes, kill);
    Path folder = dir == null ? Files.createTempDirectory("ringrift-learn-") : dir;
    Path target = plot == null ? Path.of("ringrift-elo.svg").toAbsolutePath() : plot;
    var setup = LocalSetup.of(nodes, ports, 1).withConfig(plan.config());
    try (var cluster = new LocalCluster(folder, setup)) {
      var hook = new Thread(cluster::close);
      Runtime.getRuntime().addShutdownHook(hook);
      say(progress, nodes + " nodes on loopback learn " + plan.configKey() + " from nothing");
      say(progress, "folder: " + folder);
      var report = new LearnRun(cluster, plan, target, line -> say(progress, line)).run();
      Runtime.getRuntime().removeShutdownHook(hook);
      var more = new ArrayList<String>();
      if (!cluster.stop()) {
        more.add("a node had to be killed at the end");
      }
      cluster.endJobs(); // what is played when the goals are reached would go on without its nodes
      more.addAll(cluster.leftBehind());
      var last = report.with(more);
      if (json) {
        spec.commandLine().getOut().println(last.toJson());
      } else {
        last.print(new Printer(spec.commandLine().getOut()));
      }
      if (dir == null && last.problems().isEmpty()) {
        delete(folder);
      }
      return last.problems().isEmpty() ? ExitCodes.OK : ExitCodes.FAILED;
    } catch (IllegalStateException e) {
      spec.commandLine().getErr().println("demo failed: " + e.getMessage());
      return ExitCodes.FAILED;
    }
  }

  private void printPlan(LocalCluster cluster, PrintWriter progress) {
    say(
        progress,
        nodes
            + " nodes on loopback: "
            + cluster.nodes().stream()
                .map(n -> n + " " + cluster.address(n))
                .collect(Collectors.joining(", ")));
    say(
        progress,
        "plan: elect a leader, run "
            + jobs
            + " self-play jobs of "
            + board
            + "_2p as real processes, kill -9 the leader, finish, verify every file everywhere");
    say(progress, "folder: " + cluster.configFile().getParent());
  }

  private Integer finish(
      LocalCluster cluster, DemoReport report, boolean temporary, boolean json, PrintWriter out)
      throws IOException, InterruptedException {
    var problems = new ArrayList<>(report.problems());
    if (!keep && !cluster.stop()) {
      problems.add("a node had to be killed at the end");
    }
    if (!keep) {
      problems.addAll(cluster.leftBehind());
    }
    DemoReport last = withProblems(report, problems);
    if (json) {
      out.println(last.toJson());
    } else {
      printSummary(last, out);
    }
    if (keep) {
      printNext(cluster, out);
      // The nodes go on after this process: they are ordinary processes with their own logs.
      Runtime.getRuntime().halt(problems.isEmpty() ? ExitCodes.OK : ExitCodes.FAILED);
    }
    if (temporary && problems.isEmpty()) {
      delete(cluster.folder());
    }
    return problems.isEmpty() ? ExitCodes.OK : ExitCodes.FAILED;
  }

  private static DemoReport withProblems(DemoReport r, List<String> problems) {
    return new DemoReport(
        r.mode(),
        r.nodes(),
        r.leaderBefore(),
        r.leaderAfter(),
        r.epochBefore(),
        r.epochAfter(),
        r.failoverSeconds(),
        r.jobsComplete(),
        r.jobsFailed(),
        r.games(),
        r.files(),
        r.bytes(),
        r.verified(),
        r.durationSeconds(),
        problems);
  }

  private static void printSummary(DemoReport r, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%n%d of %d jobs COMPLETE, %d games in %d files (%s), leader %s (epoch %d) -> %s (epoch %d)"
            + " in %.2f s, files identical on %d nodes: %s, %.1f s in all%n",
        r.jobsComplete(),
        r.jobsComplete() + r.jobsFailed(),
        r.games(),
        r.files(),
        Printer.bytes(r.bytes()),
        r.leaderBefore(),
        r.epochBefore(),
        r.leaderAfter(),
        r.epochAfter(),
        r.failoverSeconds(),
        r.nodes(),
        r.verified() ? "yes" : "NO",
        r.durationSeconds());
    r.problems().forEach(problem -> out.println("problem: " + problem));
    out.flush();
  }

  private static void printNext(LocalCluster cluster, PrintWriter out) {
    String address =
        cluster.addresses().stream().map(Object::toString).collect(Collectors.joining(","));
    out.println();
    out.println("The cluster goes on. Try:");
    out.println("  export RINGRIFT_ADDRESS=" + address);
    out.println("  bin/ringrift cluster status");
    String game = " --workload hex-selfplay --board hex8 --players 2 --games 20 --engine mcts";
    out.println("  bin/ringrift job spawn" + game);
    out.println("  bin/ringrift queue submit" + game);
    out.println("  bin/ringrift events -f");
    out.println("  curl http://" + cluster.addresses().getFirst() + "/status");
    out.println("Stop it with: pkill -TERM -f " + cluster.configFile());
    out.flush();
  }

  private static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private static void say(PrintWriter progress, String line) {
    progress.println("  " + line);
    progress.flush();
  }
}
