package io.ringrift.managers.job;

import io.grpc.BindableService;
import io.ringrift.job.v1.ExitStatus;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Fence;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import io.ringrift.managers.Outbox;
import io.ringrift.managers.RecentOutcomes;
import io.ringrift.managers.Services;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// Starts, watches, adopts and stops this node's processes. An order is durable before its process
/// begins; the process needs this node for nothing and is adopted again by the next start of it;
/// its end is in the outbox until the leader has it.
public final class ProcessSupervisor implements Manager {
  private static final Duration ACCEPT_WAIT = Duration.ofSeconds(8);

  /// Ports of the kernel and of the node that a supervisor needs.
  public record Ports(FenceGate gate, Audit audit, Ticker ticker, Outbox outbox) {}

  private final Services services;
  private final Ports ports;
  private final Supplier<ProcessConfig> config;
  private final GpuInventory gpus;
  private final RunTable table = new RunTable();
  private final RunShelf shelf;
  private final Machine machine;
  private final SpawnGuards guards;
  private final ProcessLauncher launcher;
  private final RunInputs inputs;
  private final Reporter reporter;
  private final WorkerPull pull;
  private final OrphanScan orphans;
  private final Set<Thread> watchers = ConcurrentHashMap.newKeySet();
  private final Set<String> conditions = new ConcurrentSkipListSet<>();
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final RecentOutcomes recent = new RecentOutcomes();
  private volatile boolean closed;

  /// Opens the run folders and adopts what still runs. Blocks on the disk.
  ///
  /// @param config what is configured now, any thread; folders and intervals are those of the
  ///   start, and a run goes on as it began
  public ProcessSupervisor(
      Services services, Ports ports, GpuInventory gpus, Supplier<ProcessConfig> config) {
    this.services = services;
    this.ports = ports;
    this.config = config;
    this.gpus = gpus;
    this.shelf = new RunShelf(config.get().runsDir());
    this.machine = new Machine(config.get().dataDir());
    this.guards = new SpawnGuards(config, machine::load, ports.ticker());
    this.launcher = new ProcessLauncher(config.get().stateDir());
    this.inputs = new RunInputs(services);
    this.reporter = new Reporter(services, ports.gate(), ports.outbox(), this::unwanted);
    this.pull = new WorkerPull(services, this, config, ports.ticker());
    this.orphans = new OrphanScan(services, this, config.get().orphanInterval());
    shelf.load().forEach(table::put);
    table.live().forEach(run -> watch(run, List.of(), Optional.empty()));
  }

  /// Takes an order of a leader.
  ///
  /// @throws Refusal STALE_EPOCH, STALE_CLAIM, NO_CAPACITY, or why it cannot be run here
  Started order(Fence fence, ProcessOrder order) throws InterruptedException {
    admitted(fence, "start", order.getJobId());
    return start(order, fence.epoch());
  }

  /// What became of an order.
  ///
  /// @param duplicate the attempt had been taken before
  record Started(Run run, boolean duplicate) {}

  /// Takes an order whose right was proved by its claim.
  Started start(ProcessOrder order, Epoch epoch) throws InterruptedException {
    // First: a refusal tells the leader that this attempt is not here.
    Optional<Run> known = table.known(RunKey.of(order));
    if (known.isPresent()) {
      return duplicate(known.get());
    }
    if (closed) {
      throw new Refusal(Reason.SHUTTING_DOWN, "this node is stopping; try another");
    }
    CommandLine command = CommandLine.of(order, config.get());
    command.requireProgram(ProcessLauncher.searchPath());
    return switch (table.admit(
        order, epoch.value(), command.gpus(), gpuUuids(), config.get().maxJobs())) {
      case RunTable.Admission.Known(var run) -> duplicate(run);
      case RunTable.Admission.Fresh(var run, var superseded) -> accept(run, superseded, command);
    };
  }

  private Started duplicate(Run run) throws InterruptedException {
    if (!run.awaitAccepted(ACCEPT_WAIT)) {
      if (run.live()) {
        throw new Refusal(
            Reason.OUTCOME_UNKNOWN, "the same order is still on its way to the disk; ask again");
      }
      throw new Refusal(
          Reason.NO_CAPACITY, "the same order was just refused here; its first answer says why");
    }
    return new Started(run, true);
  }

  private Started accept(Run run, List<Run> superseded, CommandLine command) {
    boolean taken = false;
    try {
      guards.admit();
      run.placed(RunFolder.create(config.get().runsDir(), run.key(), run.rawView()));
      record("job-start", run, Map.of("program", command.argv().getFirst()));
      taken = true;
    } finally {
      if (!taken) {
        table.forget(run);
        run.refused();
        run.folder().ifPresent(RunFolder::delete);
      }
    }
    noteLimits(run);
    superseded.forEach(older -> older.stop("superseded"));
    watch(run, superseded, Optional.of(command));
    return new Started(run, false);
  }

  private void noteLimits(Run run) {
    var spec = run.rawView().getOrder().getSpec();
    if (spec.getMemoryBytes() > 0 || spec.getCpus() > 0) {
      // A job's share is counted in placement; the machine itself does not hold it to that.
      conditions.add("limits_unavailable");
    }
  }

  private void watch(Run run, List<Run> superseded, Optional<CommandLine> command) {
    RunFolder folder = run.folder().orElseThrow();
    var task =
        new RunWatch.Task(
            folder,
            inputs,
            () ->
                launcher.launch(
                    run.rawView(), command.orElseThrow(), folder, !gpus.devices().isEmpty()),
            superseded);
    var body = new RunWatch(run, task, config.get(), ports.ticker(), new Ends());
    Thread thread =
        Thread.ofVirtual()
            .name("run-" + run.key().folder())
            .unstarted(
                () -> {
                  try {
                    body.run();
                  } finally {
                    watchers.remove(Thread.currentThread());
                  }
                });
    watchers.add(thread);
    thread.start();
  }

  /// What the watching threads report.
  private final class Ends implements RunWatch.Listener {
    @Override
    public void running(Run run) {
      reporter.running(run.rawView());
    }

    /// The outbox first: a crash before `ended.pb` finds the exit again and writes the same letter.
    @Override
    public void ended(Run run, ExitStatus exit) {
      record(
          "job-exit",
          run,
          Map.of("cause", exit.getCause(), "code", Integer.toString(exit.getCode())));
      reporter.ended(run.view());
      run.folder().orElseThrow().writeEnded(run.view());
      boolean bad = Exits.state(exit) == JobState.JOB_STATE_FAILED;
      (bad ? failed : completed).incrementAndGet();
      recent.add(bad);
      run.closeBook();
      shelf.trim(table, config.get().keepRuns(), config.get().keepRunsFor(), Instant.now());
    }
  }

  /// Stops one attempt.
  ///
  /// @return whether it was here and alive
  boolean stop(Fence fence, String jobId, int attempt, String cause) {
    admitted(fence, "stop", jobId);
    var live =
        table.ofJob(jobId).stream()
            .filter(run -> run.key().attempt() == attempt && run.live())
            .toList();
    if (table.ofJob(jobId).stream().noneMatch(run -> run.key().attempt() == attempt)) {
      table.bury(jobId, attempt);
    }
    live.forEach(run -> run.stop(cause));
    return !live.isEmpty();
  }

  /// The leader does not want this run, by its own word.
  void unwanted(RunKey key, Refusal why) {
    String cause = why.reason() == Reason.ILLEGAL_TRANSITION ? "cancelled" : "superseded";
    if (why.reason() != Reason.INVALID_ARGUMENT) {
      table.ofJob(key.jobId()).stream()
          .filter(run -> run.key().equals(key) && run.live())
          .forEach(run -> run.stop(cause));
    }
    audit("effect-rejected", "report", key.jobId(), ports.gate().greatest(), why.reason().name());
  }

  /// A leader tells of its epoch before it orders anything.
  ///
  /// @throws Refusal STALE_EPOCH when a later one is known here
  void learn(Fence fence) {
    ports.gate().admit(fence);
  }

  private void admitted(Fence fence, String effect, String jobId) {
    try {
      ports.gate().admit(fence);
    } catch (Refusal e) {
      audit("effect-rejected", effect, jobId, fence.epoch(), e.reason().name());
      throw e;
    }
    audit("effect-accepted", effect, jobId, fence.epoch(), "");
  }

  private void audit(String kind, String effect, String jobId, Epoch epoch, String reason) {
    ports.audit().record(kind, epoch, Map.of("effect", effect, "job_id", jobId, "reason", reason));
  }

  private void record(String kind, Run run, Map<String, String> more) {
    var details = new java.util.TreeMap<>(more);
    details.put("job_id", run.key().jobId());
    details.put("attempt", Integer.toString(run.key().attempt()));
    details.put("claim_token", Long.toUnsignedString(run.key().token()));
    details.put("pid", Long.toString(run.rawView().getPid()));
    ports.audit().record(kind, new Epoch(run.rawView().getEpoch()), details);
  }

  RunTable table() {
    return table;
  }

  ClaimRefs claims() {
    return reporter::claim;
  }

  /// A run as its claim on the queue.
  @FunctionalInterface
  interface ClaimRefs {
    io.ringrift.queue.v1.ClaimRef of(ProcessView view);
  }

  private List<String> gpuUuids() {
    return gpus.devices().stream().map(GpuInventory.Device::uuid).toList();
  }

  int freeSlots() {
    return Math.max(0, config.get().maxJobs() - table.live().size());
  }

  SpawnGuards guards() {
    return guards;
  }

  long memoryBytes() {
    return machine.memoryBytes();
  }

  int freeGpus() {
    return table.freeGpus(gpuUuids()).size();
  }

  /// A source of this node's facts.
  public NodeFactsSource facts(
      io.ringrift.kernel.gossip.GossipBoard board, NodeFactsSource.Settings settings) {
    return new NodeFactsSource(board, settings, this, gpus, config, machine);
  }

  /// Conditions that an operator should see, `short_of_...` while nothing begins here among them.
  Set<String> conditions() {
    var all = new TreeSet<>(conditions);
    guards.shortage().ifPresent(now -> all.add("short_of_" + now.what()));
    return all;
  }

  @Override
  public List<BindableService> services() {
    return List.of(new ProcessRpc(this, services));
  }

  @Override
  public List<LoopSpec> loops() {
    return List.of(reporter.loop(), pull.loop(), pull.renewal(), orphans.loop());
  }

  @Override
  public String name() {
    return "ProcessSupervisor";
  }

  @Override
  public Health health() {
    return recent.health(
        Map.of(
            "running", Integer.toString(table.live().size()),
            "free_slots", Integer.toString(freeSlots()),
            "free_gpus", Integer.toString(freeGpus()),
            "completed", Long.toString(completed.get()),
            "failed", Long.toString(failed.get())));
  }

  /// Ends the watching; processes go on and are adopted by the next supervisor.
  @Override
  public void close() {
    closed = true;
    watchers.forEach(Thread::interrupt);
    for (Thread watcher : List.copyOf(watchers)) {
      try {
        watcher.join(Duration.ofSeconds(2));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
