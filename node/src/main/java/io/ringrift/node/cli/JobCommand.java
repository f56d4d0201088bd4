package io.ringrift.node.cli;

import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.job.v1.CancelJobRequest;
import io.ringrift.job.v1.ExplainJobRequest;
import io.ringrift.job.v1.GetJobRequest;
import io.ringrift.job.v1.InputFile;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ListJobsRequest;
import io.ringrift.job.v1.ListJobsResponse;
import io.ringrift.job.v1.ProcessServiceGrpc;
import io.ringrift.job.v1.ReadLogRequest;
import io.ringrift.job.v1.SpawnJobRequest;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringrift job …`
@Command(
    name = "job",
    description = "Jobs: spawn, watch, explain, cancel.",
    subcommands = {
      JobCommand.Spawn.class,
      JobCommand.ListJobs.class,
      JobCommand.Status.class,
      JobCommand.Logs.class,
      JobCommand.Cancel.class,
      JobCommand.Explain.class
    },
    mixinStandardHelpOptions = true)
final class JobCommand {
  /// What to run, as flags; `queue submit` takes the same ones.
  static final class SpecOptions {
    @Option(names = "--workload", defaultValue = "", description = "Declared workload template.")
    String workload = "";

    @Option(names = "--board", defaultValue = "", description = "Board, for example hex8.")
    String board = "";

    @Option(names = "--players", defaultValue = "0", description = "Players.")
    int players;

    @Option(names = "--games", defaultValue = "0", description = "Games to play.")
    int games;

    @Option(names = "--engine", defaultValue = "", description = "Engine mode.")
    String engine = "";

    @Option(names = "--seed", defaultValue = "0", description = "Seed; 0 lets the leader choose.")
    long seed;

    @Option(names = "--gpus", defaultValue = "0", description = "GPUs to pin.")
    int gpus;

    @Option(names = "--node", defaultValue = "", description = "Only this node.")
    String node = "";

    @Option(names = "--param", description = "Placeholder of the template, NAME=VALUE; repeatable.")
    Map<String, String> params = new LinkedHashMap<>();

    @Option(
        names = "--input",
        description =
            "File that has to be on the node before the start, PATH=SHA256 with a path below the"
                + " data root; fetched from whoever has it; repeatable.")
    Map<String, String> inputs = new LinkedHashMap<>();

    @Option(
        names = "--max-runtime",
        defaultValue = "0",
        description = "Seconds after which the process is stopped; 0 takes the default.")
    long maxRuntimeSeconds;

    @Parameters(
        arity = "0..*",
        paramLabel = "-- ARGV",
        description = "A command instead of a workload, where the node's config allows exec.")
    List<String> argv = new ArrayList<>();

    JobSpec toSpec() {
      var spec =
          JobSpec.newBuilder()
              .setWorkload(workload)
              .setBoardType(board)
              .setNumPlayers(players)
              .setNumGames(games)
              .setEngineMode(engine)
              .setSeed(seed)
              .setGpus(gpus)
              .setTargetNodeId(node)
              .putAllParams(params)
              .addAllExecArgv(argv);
      inputs.forEach(
          (path, sha256) -> spec.addInputs(InputFile.newBuilder().setPath(path).setSha256(sha256)));
      if (maxRuntimeSeconds > 0) {
        spec.setTimeout(com.google.protobuf.Duration.newBuilder().setSeconds(maxRuntimeSeconds));
      }
      return spec.build();
    }
  }

  @Command(name = "spawn", description = "Queues one job; durable on a majority when this returns.")
  static final class Spawn extends Verb {
    @Mixin SpecOptions options = new SpecOptions();

    @Option(
        names = "--request-id",
        defaultValue = "",
        description = "Makes the command repeatable: a repeat answers with the first job.")
    String requestId = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          SpawnJobRequest.newBuilder()
              .setRequestId(requestId(requestId))
              .setSpec(options.toSpec())
              .build();
      var answer = client.call(c -> JobServiceGrpc.newBlockingStub(c).spawnJob(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        printer.line(
            answer.getJob().getJobId()
                + (answer.getDuplicate() ? " (already queued by this request id)" : ""));
      }
      return ExitCodes.OK;
    }
  }

  @Command(name = "list", description = "Jobs, newest first.")
  static final class ListJobs extends Verb {
    @Option(names = "--state", split = ",", description = "Only these states, for example RUNNING.")
    List<String> states = new ArrayList<>();

    @Option(names = "--on", defaultValue = "", description = "Only jobs of this node.")
    String node = "";

    @Option(names = "--limit", defaultValue = "50", description = "Most rows.")
    int limit = 50;

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          ListJobsRequest.newBuilder()
              .setPageSize(limit)
              .setNodeId(node)
              .addAllStates(states.stream().map(ListJobs::parse).toList())
              .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
              .build();
      ListJobsResponse answer =
          client.call(c -> JobServiceGrpc.newBlockingStub(c).listJobs(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.table(
          List.of("JOB", "STATE", "NODE", "TRY", "WHAT", "CREATED", "DETAIL"),
          answer.getJobsList().stream().map(JobCommand::row).toList());
      return ExitCodes.OK;
    }

    private static JobState parse(String name) {
      String full = "JOB_STATE_" + name.toUpperCase(Locale.ROOT);
      return Arrays.stream(JobState.values())
          .filter(s -> s.name().equals(full))
          .findFirst()
          .orElseThrow(
              () ->
                  Refusal.invalid(
                      "--state", name, "a job state such as PENDING, RUNNING or COMPLETE"));
    }
  }

  @Command(name = "status", description = "One job in full.")
  static final class Status extends Verb {
    @Parameters(paramLabel = "JOB", description = "Id or an unambiguous prefix.")
    String id = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          GetJobRequest.newBuilder()
              .setJobId(id)
              .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
              .build();
      var answer = client.call(c -> JobServiceGrpc.newBlockingStub(c).getJob(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        printer.pairs(describe(answer.getJob()));
      }
      return ExitCodes.OK;
    }
  }

  @Command(name = "logs", description = "Output of a job, from any node.")
  static final class Logs extends Verb {
    @Parameters(paramLabel = "JOB", description = "Id of a job or work item, or a prefix.")
    String id = "";

    @Option(
        names = {"-f", "--follow"},
        description = "Go on until the process ends.")
    boolean follow;

    @Option(names = "--stream", defaultValue = "", description = "stdout or stderr; both if empty.")
    String stream = "";

    @Option(names = "--attempt", defaultValue = "0", description = "Which attempt; the last if 0.")
    int attempt;

    @Override
    int run(ClusterClient client, Printer printer) {
      var request =
          ReadLogRequest.newBuilder()
              .setJobId(id)
              .setAttempt(attempt)
              .setFollow(follow)
              .setStream(stream)
              .build();
      return client.call(
          channel -> {
            var chunks = ProcessServiceGrpc.newBlockingStub(channel).readLog(request);
            while (chunks.hasNext()) {
              printer.text(chunks.next().getChunk().toString(StandardCharsets.UTF_8));
            }
            return ExitCodes.OK;
          });
    }
  }

  @Command(name = "cancel", description = "Stops a job: TERM, grace, KILL to its whole tree.")
  static final class Cancel extends Verb {
    @Parameters(paramLabel = "JOB", description = "Id or an unambiguous prefix.")
    String id = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = CancelJobRequest.newBuilder().setJobId(id).setRequestId(requestId("")).build();
      var answer = client.call(c -> JobServiceGrpc.newBlockingStub(c).cancelJob(request));
      if (connection.json()) {
        printer.json(answer);
      } else {
        Job job = answer.getJob();
        printer.line(job.getJobId() + " " + Printer.state(job.getState()) + " " + job.getDetail());
      }
      return ExitCodes.OK;
    }
  }

  @Command(name = "explain", description = "Why a job is where it is, node by node.")
  static final class Explain extends Verb {
    @Parameters(paramLabel = "JOB", description = "Id or an unambiguous prefix.")
    String id = "";

    @Override
    int run(ClusterClient client, Printer printer) {
      var request = ExplainJobRequest.newBuilder().setJobId(id).build();
      var answer = client.call(c -> JobServiceGrpc.newBlockingStub(c).explainJob(request));
      if (connection.json()) {
        printer.json(answer);
        return ExitCodes.OK;
      }
      printer.pairs(describe(answer.getJob()));
      if (answer.getQueuePosition() > 0) {
        printer.line("queue position " + answer.getQueuePosition());
      }
      Rankings.print(answer.getNodesList(), answer.getUnblock(), printer);
      return ExitCodes.OK;
    }
  }

  private static List<String> row(Job job) {
    JobSpec spec = job.getSpec();
    String what =
        spec.getExecArgvCount() > 0
            ? String.join(" ", spec.getExecArgvList())
            : (spec.getWorkload() + " " + spec.getBoardType() + " " + spec.getEngineMode()).strip();
    return List.of(
        job.getJobId(),
        Printer.state(job.getState()),
        Printer.orDash(job.getNodeId()),
        Integer.toString(job.getAttempt()),
        what.length() > 40 ? what.substring(0, 39) + "…" : what,
        Printer.time(job.getCreateTime()),
        Printer.orDash(job.hasExit() ? job.getExit().getDetail() : job.getDetail()));
  }

  private static List<List<String>> describe(Job job) {
    var pairs = new ArrayList<List<String>>();
    pairs.add(List.of("job", job.getJobId()));
    pairs.add(List.of("state", Printer.state(job.getState())));
    pairs.add(List.of("node", Printer.orDash(job.getNodeId())));
    pairs.add(List.of("attempt", Integer.toString(job.getAttempt())));
    pairs.add(List.of("epoch", Long.toString(job.getEpoch())));
    pairs.add(List.of("workload", Printer.orDash(job.getSpec().getWorkload())));
    pairs.add(List.of("created", Printer.time(job.getCreateTime())));
    pairs.add(List.of("started", Printer.time(job.getStartTime())));
    pairs.add(List.of("ended", Printer.time(job.getEndTime())));
    if (job.hasExit()) {
      pairs.add(
          List.of(
              "exit",
              job.getExit().getCause()
                  + ", code "
                  + job.getExit().getCode()
                  + (job.getExit().getSignal() > 0 ? ", signal " + job.getExit().getSignal() : "")
                  + " "
                  + job.getExit().getDetail()));
    }
    if (!job.getDetail().isEmpty()) {
      pairs.add(List.of("detail", job.getDetail()));
    }
    return pairs;
  }

  private JobCommand() {}
}
