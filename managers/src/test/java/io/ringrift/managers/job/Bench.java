package io.ringrift.managers.job;

import static org.awaitility.Awaitility.await;

import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Fence;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Services;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// A supervisor with real processes and a disk that outlives it.
final class Bench implements AutoCloseable {
  static final NodeId LEADER = new NodeId("n1");
  static final NodeId SELF = new NodeId("n2");

  /// Guards that this machine never hits, whatever else runs on it.
  static final ProcessConfig.Guards OPEN = new ProcessConfig.Guards(1000, 101, 101, 1e9);

  /// One audit record.
  record Entry(String kind, long epoch, Map<String, String> details) {}

  final List<Entry> audit = new CopyOnWriteArrayList<>();
  final MemoryOutbox outbox = new MemoryOutbox();
  final Cell cell = new Cell();
  volatile ProcessConfig config;
  final FenceGate gate = new FenceGate(Epoch.ZERO, _ -> {}, FenceGate.Knowledge.NONE);
  private final GpuInventory gpus;
  ProcessSupervisor supervisor;

  Bench(Path folder, GpuInventory gpus, int maxJobs) {
    this.gpus = gpus;
    this.config =
        new ProcessConfig(
            folder.resolve("state"),
            folder.resolve("data"),
            List.of(
                shell("echo", "echo out-{board}; echo err >&2; exit {code}"),
                shell("sleeper", "echo up; sleep 60"),
                shell("family", "sleep 61 & echo $!; trap '' TERM; wait; wait"),
                shell("env", "env"),
                shell("reader", "cat {inputs}; echo end"),
                shell("result", "echo begun; echo '{\"score\": {code}}'; exit {code}")),
            List.of("selfplay"),
            false,
            maxJobs,
            OPEN,
            Duration.ofMillis(300),
            Duration.ofHours(1),
            64 << 20,
            200,
            Duration.ofDays(7),
            Duration.ofMillis(200),
            Duration.ofMillis(100));
    supervisor = open();
    cell.serve(SELF, supervisor.services());
  }

  /// A template of a shell's script; parameters are arguments of it in the argv, never text.
  static WorkloadTemplate shell(String name, String script) {
    return new WorkloadTemplate(
        name,
        "selfplay",
        List.of("/bin/sh", "-c", script),
        Map.of("BOARD", "{board}"),
        Map.of("board", "hex8", "code", "0"),
        0,
        "selfplay",
        Set.of());
  }

  private ProcessSupervisor open() {
    return new ProcessSupervisor(
        services(),
        new ProcessSupervisor.Ports(
            gate,
            (kind, epoch, details) -> audit.add(new Entry(kind, epoch.value(), details)),
            Ticker.system(),
            outbox),
        gpus,
        () -> config);
  }

  /// Configures other guards.
  void guard(ProcessConfig.Guards guards) {
    config =
        new ProcessConfig(
            config.stateDir(),
            config.dataDir(),
            config.templates(),
            config.capabilities(),
            config.allowExec(),
            config.maxJobs(),
            guards,
            config.stopGrace(),
            config.defaultTimeout(),
            config.logCapBytes(),
            config.keepRuns(),
            config.keepRunsFor(),
            config.claimWait(),
            config.orphanInterval());
  }

  Services services() {
    return cell.of(SELF);
  }

  /// The node process dies and comes again; its processes do not notice.
  void restart() {
    supervisor.close();
    supervisor = open();
  }

  static ProcessOrder order(String id, int attempt, long token, String workload) {
    return ProcessOrder.newBuilder()
        .setJobId(id)
        .setAttempt(attempt)
        .setClaimToken(token)
        .setSpec(JobSpec.newBuilder().setWorkload(workload))
        .build();
  }

  ProcessSupervisor.Started start(ProcessOrder order) throws InterruptedException {
    return supervisor.order(new Fence(new Epoch(7), LEADER), order);
  }

  /// The newest attempt of a job.
  ProcessView view(String id) {
    return supervisor.table().ofJob(id).getLast().view();
  }

  ProcessView awaitState(String id, JobState state) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> view(id).getState() == state);
    return view(id);
  }

  ProcessView awaitClosed(String id) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> supervisor.table().ofJob(id).stream().noneMatch(Run::live));
    return view(id);
  }

  String log(String id, String stream) {
    return new String(
        supervisor
            .table()
            .ofJob(id)
            .getLast()
            .folder()
            .orElseThrow()
            .log(stream)
            .read(0, 1 << 20)
            .bytes(),
        java.nio.charset.StandardCharsets.UTF_8);
  }

  /// Leaves no process behind.
  @Override
  public void close() {
    for (Run run : supervisor.table().live()) {
      run.stop("cancelled");
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> supervisor.table().live().isEmpty());
    supervisor.close();
    cell.close();
  }
}
