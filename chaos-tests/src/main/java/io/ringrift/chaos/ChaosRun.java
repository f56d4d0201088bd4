package io.ringrift.chaos;

import io.ringrift.chaos.ground.Namespaces;
import io.ringrift.chaos.run.LivePlan;
import io.ringrift.chaos.run.RunPlan;
import io.ringrift.chaos.run.Suite;
import io.ringrift.chaos.scenario.GroundKind;
import io.ringrift.chaos.scenario.Scenario;
import io.ringrift.chaos.scenario.Scenarios;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Runs scenarios and says whether the cluster kept its promises.
@Command(
    name = "run",
    description = "Runs scenarios; exit code 0 all kept, 1 something violated, 2 could not run.",
    mixinStandardHelpOptions = true)
final class ChaosRun implements Callable<Integer> {
  private static final int TERMINATED = 128 + 15;

  @Parameters(
      paramLabel = "SCENARIO",
      description =
          "Names as \"chaos list\" shows them, files ending in .yaml, or all; with --address load,"
              + " consumers, transfer, step-down or drain.")
  List<String> names = List.of();

  @Option(names = "--ground", defaultValue = "process", description = "process, netns or sim.")
  GroundKind ground = GroundKind.PROCESS;

  @Option(names = "--mode", defaultValue = "bully", description = "bully, raft or hybrid.")
  ConsensusMode mode = ConsensusMode.BULLY;

  @Option(names = "--membership", defaultValue = "http", description = "http, swim or hybrid.")
  MembershipMode membership = MembershipMode.HTTP;

  @Option(names = "--seed", defaultValue = "1", description = "Decides targets and times (1).")
  long seed;

  @Option(names = "--seeds", description = "How many seeds, for --ground sim alone (100).")
  Optional<Integer> seeds = Optional.empty();

  @Option(
      names = "--duration",
      converter = SimOptions.Span.class,
      description = "Repeat each schedule until so long (default: once).")
  Duration duration = Duration.ZERO;

  @Option(
      names = "--report",
      defaultValue = "target/chaos",
      description = "Folder for reports and the logs of runs that failed (target/chaos).")
  Path report = Path.of("target/chaos");

  @Option(names = "--slice", description = "Of all, only those of a slice: ci.")
  String slice = "";

  @Option(names = "--inside", hidden = true, description = "Tag of the namespaces it runs in.")
  String inside = "";

  @Option(names = "--address", split = ",", description = "A deployment of your own: live mode.")
  List<String> addresses = List.of();

  @Option(names = "--allow-live", description = "Really put load on the deployment at --address.")
  boolean allowLive;

  @Option(
      names = "--allow",
      split = ",",
      paramLabel = "SCENARIO",
      description = "What may be done to a node of that deployment: transfer, step-down, drain.")
  List<String> allowed = List.of();

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File with the bearer token of that deployment.")
  Optional<Path> tokenFile = Optional.empty();

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (!addresses.isEmpty()) {
      return live(out);
    }
    if (!allowed.isEmpty() || tokenFile.isPresent() || allowLive) {
      throw new ParameterException(
          spec.commandLine(), "--allow, --token-file and --allow-live need --address");
    }
    try {
      List<Scenario> chosen = chosen();
      if (ground == GroundKind.NETNS && inside.isEmpty()) {
        return aroundItself();
      }
      if (!inside.isEmpty()) {
        Namespaces.whenAbandoned(inside, () -> abandoned(out));
      }
      var suite = new Suite(report, inside, out);
      suite.run(chosen.stream().map(this::plan).toList());
      return suite.finish();
    } catch (Refusal refusal) {
      out.println(refusal.text());
      out.flush();
      return 2;
    }
  }

  /// Makes the namespaces, runs this very command inside, and removes them.
  private int aroundItself() throws IOException, InterruptedException {
    Namespaces.obstacle()
        .ifPresent(
            why -> {
              throw new Refusal(Reason.INVALID_ARGUMENT, "ground netns cannot run here: " + why);
            });
    int code;
    Namespaces network = Namespaces.create();
    try (network) {
      var arguments = new ArrayList<>(spec.commandLine().getParseResult().originalArgs());
      arguments.addAll(List.of("--inside", network.tag()));
      code = network.again(ChaosMain.class.getName(), arguments);
    }
    List<String> left = network.left();
    left.forEach(name -> spec.commandLine().getErr().println("left behind: namespace " + name));
    return left.isEmpty() ? code : Math.max(code, 1);
  }

  /// The namespaces are nobody's then, and no run may go on in them. It ends as after SIGTERM.
  private static void abandoned(PrintWriter out) {
    out.println("the process that made the namespaces has ended");
    out.flush();
    System.exit(TERMINATED);
  }

  private List<Scenario> chosen() {
    if (seeds.isPresent() && (ground != GroundKind.SIM || seeds.get() < 1)) {
      throw new ParameterException(
          spec.commandLine(),
          "--seeds is %d with --ground %s; it must be at least 1, and is for --ground sim alone"
              .formatted(seeds.get(), ground.word()));
    }
    if (names.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "name a scenario, a .yaml file, or all; \"chaos list\" shows them");
    }
    boolean everything = names.contains("all");
    if (everything && names.size() > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "SCENARIO is %s; all stands alone: run other files by themselves".formatted(names));
    }
    if (!everything && !slice.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--slice is %s; it chooses among all alone".formatted(slice));
    }
    if (!everything) {
      return names.stream().map(Scenarios::of).toList();
    }
    List<Scenario> all =
        Scenarios.all().stream()
            .filter(scenario -> slice.isEmpty() || scenario.slices().contains(slice))
            .toList();
    if (all.isEmpty()) {
      throw Refusal.invalid("--slice", slice, "a slice that some scenario belongs to: ci");
    }
    return all;
  }

  private RunPlan plan(Scenario scenario) {
    int many = ground == GroundKind.SIM ? seeds.orElse(RunPlan.SIM_SEEDS) : 1;
    return new RunPlan(scenario, ground, mode, membership, seed, duration, many);
  }

  private int live(PrintWriter out) throws IOException, InterruptedException {
    if (!allowLive) {
      out.println(
          "nothing was done: --address names a deployment of yours, and this puts load on it"
              + " (work items of its own type, some hundreds, cancelled at the end)."
              + " Say --allow-live if that is meant");
      out.flush();
      return 2;
    }
    try {
      var plan = LivePlan.of(addresses, names, allowed, tokenFile, seed, duration);
      return new Suite(report, inside, out).live(plan);
    } catch (Refusal refusal) {
      out.println(refusal.text());
      out.flush();
      return 2;
    }
  }
}
