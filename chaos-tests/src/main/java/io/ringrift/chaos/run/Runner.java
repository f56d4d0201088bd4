package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.ground.Crash;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.scenario.Scenario.Expectation;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Runs one plan on one ground from the first start to the last clean-up. One thread, once.
public final class Runner {
  /// Of every claim: short enough to run out in a run, long enough for clients that repeat.
  private static final Duration CLAIM_LEASE = Duration.ofSeconds(15);

  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration EFFECTS = Duration.ofSeconds(15);

  /// In which a node beside the voters runs a job, behind the recovery of all.
  private static final Duration WORKS = Duration.ofSeconds(60);

  /// At least, and this much longer than the bound: what comes late is evidence too.
  private static final Duration RECOVERY = Duration.ofSeconds(60);

  private static final Duration LATE = Duration.ofSeconds(5);

  private static final Duration CAUGHT_UP = Duration.ofSeconds(10);
  private static final Duration WARM = Duration.ofMillis(1500);
  private static final int MOST = 60_000;

  /// Of each node and second.
  private static final int MOST_SAMPLES = 6;

  private final RunPlan plan;
  private final Ground ground;
  private final Path folder;
  private final RunClock clock = new RunClock(Ticker.system());
  private final History history = new History(clock, MOST);
  private final EvidenceRecorder recorder = new EvidenceRecorder(MOST);
  private final List<String> unmet = new ArrayList<>();
  private String figures = "";

  /// For how long the cluster was looked at.
  private Duration observed = Duration.ZERO;

  /// @param folder for what jobs write
  public Runner(RunPlan plan, Ground ground, Path folder) {
    this.plan = plan;
    this.ground = ground;
    this.folder = folder;
  }

  /// Most time for which faults may go on: what nodes say all the time has to fit into the
  /// evidence.
  static Duration longest(int nodes) {
    return Duration.ofSeconds(MOST / (MOST_SAMPLES * nodes));
  }

  /// How long a run waits for recovery.
  static Duration patience(Expectations promised) {
    Duration late = promised.recoverWithin().plus(LATE);
    return late.compareTo(RECOVERY) > 0 ? late : RECOVERY;
  }

  /// Does not throw for what the cluster does: that is evidence.
  public RunResult run() throws IOException, InterruptedException {
    var effects = new Effects(folder.resolve("effects"), clock);
    if (!plan.scenario().origin().text().isEmpty()) {
      // The file may be another one when the report is read.
      recorder.note("the scenario's file:\n" + plan.scenario().origin().text());
    }
    var audit = new AuditTrail(stateFolders(), clock, MOST).start(recorder::failed);
    try (audit) {
      ClockFaults.prepare(ground, plan.scenario());
      for (String node : ground.voters()) {
        ground.start(node, List.of());
      }
      for (String node : ground.workers()) {
        ground.start(node, List.of());
      }
      try (var _ = new Exits(ground, clock, recorder);
          var _ = new Pulse(clock, recorder);
          var watch = new Watch(addresses(everybody()), clock, recorder)) {
        storm(watch, audit, effects);
      }
    } catch (IOException | RuntimeException stopped) {
      // A run that broke off is told as such; the suite goes on with the next.
      recorder.failed(stopped.toString());
    } finally {
      // Nobody looks at the cluster while it is ended, which may take minutes.
      observed = Duration.ofNanos(clock.nanos());
      // Before it too: file systems of the run's own are gone then.
      audit.look();
      ground.end().forEach(recorder::leftover);
    }
    audit.look();
    audit.record(recorder);
    record(effects);
    return new RunResult(
        recorder.evidence(setting(), DetectionBounds.of(plan), history), unmet, figures);
  }

  /// Without it the rest of the evidence counts all the same.
  private void record(Effects effects) {
    try {
      effects.record(recorder);
    } catch (IOException | RuntimeException e) {
      recorder.failed("what jobs wrote cannot be read: " + e);
    }
  }

  private List<String> everybody() {
    return Stream.concat(ground.voters().stream(), ground.workers().stream()).toList();
  }

  private Map<String, Endpoint> addresses(List<String> nodes) {
    var addresses = new LinkedHashMap<String, Endpoint>();
    nodes.forEach(node -> addresses.put(node, ground.address(node)));
    return addresses;
  }

  private Map<String, Path> stateFolders() {
    var folders = new LinkedHashMap<String, Path>();
    everybody().forEach(node -> folders.put(node, ground.stateFolder(node)));
    return folders;
  }

  private void storm(Watch watch, AuditTrail audit, Effects effects)
      throws IOException, InterruptedException {
    if (!await(START, () -> watch.agreed(everybody(), 0).isPresent())) {
      recorder.failed("no leader within " + START.toSeconds() + " s of the start: " + crashes());
      return;
    }
    var setup =
        new Clients.Setup(
            "",
            addresses(ground.voters()),
            Optional.empty(),
            CLAIM_LEASE,
            effects.file(),
            plan.seed());
    var work = plan.scenario().work();
    try (var clients = new Clients(setup, work, history);
        var files = new FileLoad(ground, watch, clock, recorder, history, plan.seed())) {
      clients.backlog(work.backlog());
      if (clients.acknowledged() < work.backlog()) {
        recorder.failed(
            "only %d of the backlog of %d items were acknowledged"
                .formatted(clients.acknowledged(), work.backlog()));
        return;
      }
      clients.start(work, plan.length(), recorder::failed);
      if (work.kinds().contains("files")) {
        files.start(plan.length());
      }
      LockSupport.parkNanos(WARM.toNanos());
      if (!await(START, () -> watch.agreed(everybody(), 0).isPresent())) {
        recorder.failed("no leader before the first fault, under load alone");
        return;
      }
      RoleSample before = watch.ledLast().orElseThrow();
      var striker = new Striker(ground, watch, clock, recorder, history, plan.seed(), audit::look);
      int acknowledged = clients.acknowledged();
      new Timeline(striker, clock).run(plan.schedule(), () -> false);
      int during = clients.acknowledged() - acknowledged;
      recovered(watch, clients, before, during);
      if (work.kinds().contains("jobs")) {
        ground.workers().forEach(worker -> works(worker, clients, effects));
      }
      clients.lookAround(CAUGHT_UP);
      clients.stop();
      figures += files.settle();
    }
    Set<String> spawned = spawned();
    await(EFFECTS, () -> ended(effects, spawned));
    spawned.removeAll(effects.jobs());
    var voters = addresses(ground.voters());
    new TracelessJobs(voters.values()).record(spawned, clock, recorder);
    new Finals(voters, "", this::files, Optional.empty()).record(recorder);
  }

  private Optional<Map<String, String>> files(String node) {
    try {
      return Optional.of(new DataFolders(ground).held(node));
    } catch (IOException e) {
      recorder.note("the files of " + node + " cannot be read: " + e);
      return Optional.empty();
    }
  }

  /// Jobs that were acknowledged and that nobody may have cancelled.
  private Set<String> spawned() {
    List<Operation> operations = history.recorded().operations();
    Set<String> spawned =
        operations.stream()
            .filter(operation -> operation.kind() == Kind.SPAWN && operation.ok())
            .map(Operation::key)
            .collect(Collectors.toCollection(HashSet::new));
    operations.stream()
        .filter(operation -> operation.kind() == Kind.CANCEL_JOB)
        .filter(operation -> operation.outcome() != Outcome.FAIL)
        .forEach(operation -> spawned.remove(operation.key()));
    return spawned;
  }

  /// Jobs that were acknowledged may still wait for a node, and those that were begun may run.
  private boolean ended(Effects effects, Set<String> spawned) {
    try {
      return effects.started() <= effects.ended() && effects.jobs().containsAll(spawned);
    } catch (IOException e) {
      throw new IllegalStateException("the effects' file cannot be read", e);
    }
  }

  private void recovered(Watch watch, Clients clients, RoleSample before, int during) {
    Expectation expect = plan.scenario().expect();
    Duration patience = patience(DetectionBounds.of(plan));
    long healed = clock.nanos();
    await(patience, () -> watch.agreed(everybody(), healed).isPresent());
    Duration leader = Duration.ofNanos(clock.nanos() - healed);
    // Whether all came in time is judged by the evidence.
    await(patience.minus(leader), () -> watch.met(ground.voters()) && clients.probe());
    Duration recovery = Duration.ofNanos(clock.nanos() - healed);
    // Not the leader's word alone: it may be between two answers.
    long epoch = watch.latest().stream().mapToLong(RoleSample::epoch).max().orElse(0);
    if (expect.newLeader() && epoch <= before.epoch()) {
      unmet.add("epoch " + before.epoch() + " goes on, although a new leader had to come");
    }
    if (expect.sameEpoch() && epoch != before.epoch()) {
      unmet.add("epoch " + before.epoch() + " had to go on, and now it is " + epoch);
    }
    figures =
        String.format(
            Locale.ROOT,
            "epochs %d→%d, %d operations, %d during faults, leader %.1f s, recovered %.1f s",
            before.epoch(),
            epoch,
            history.recorded().operations().size(),
            during,
            leader.toMillis() / 1e3,
            recovery.toMillis() / 1e3);
  }

  /// A node beside the voters is there to run jobs, and nobody dials it to ask.
  private void works(String worker, Clients clients, Effects effects) {
    Optional<String> job = clients.spawnAt(worker);
    if (job.isEmpty()) {
      unmet.add("no job for " + worker + " was acknowledged");
    } else if (!await(WORKS, () -> left(effects, job.get()))) {
      unmet.add("%s ran no job within %d s".formatted(worker, WORKS.toSeconds()));
    }
  }

  private static boolean left(Effects effects, String job) {
    try {
      return effects.jobs().contains(job);
    } catch (IOException e) {
      throw new IllegalStateException("the effects' file cannot be read", e);
    }
  }

  private String crashes() {
    List<Crash> crashed = ground.crashed();
    return crashed.isEmpty() ? "every node runs" : "these ended by themselves: " + crashed;
  }

  private boolean await(Duration limit, BooleanSupplier condition) {
    long end = clock.nanos() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (clock.nanos() > end) {
        return false;
      }
      LockSupport.parkNanos(this, Duration.ofMillis(50).toNanos());
    }
    return true;
  }

  private Setting setting() {
    return new Setting(
        plan.scenario().name(),
        plan.scenario().description(),
        plan.ground().word(),
        plan.membership().name().toLowerCase(Locale.ROOT),
        plan.consensus().name().toLowerCase(Locale.ROOT),
        plan.seed(),
        plan.replay(),
        everybody(),
        ground.voters(),
        CLAIM_LEASE,
        observed);
  }
}
