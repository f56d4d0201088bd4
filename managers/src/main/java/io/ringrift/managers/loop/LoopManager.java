package io.ringrift.managers.loop;

import io.grpc.BindableService;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the node's loops: the node's own from start to close, the leader-only ones while duties are
/// open. Safe for any thread; only `close`, `restart` and the leadership subscriber block.
public final class LoopManager implements Manager {
  private static final Logger LOG = LoggerFactory.getLogger(LoopManager.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration RECOVERY = Duration.ofSeconds(60);

  private final BackoffConfig backoff;
  private final Ticker ticker;
  private final InstantSource wall;
  private final DoubleSupplier chance;
  private final Map<String, Duration> intervals;
  private final Map<String, PeriodicLoop> loops = new ConcurrentSkipListMap<>();
  private final LeaderDuties duties;
  private final AtomicLong restarted = new AtomicLong();

  /// Held while the node's own loops are started and while `started` changes, so that none starts
  /// once the node stops.
  private final ReentrantLock turn = new ReentrantLock();

  private volatile boolean started;

  /// @param intervals intervals that the operator sets for single loops, by name
  /// @param wall for the times of rounds that people read
  /// @param chance uniform in [0, 1); jitter only
  public LoopManager(
      BackoffConfig backoff,
      Map<String, Duration> intervals,
      Ticker ticker,
      InstantSource wall,
      DoubleSupplier chance) {
    this.backoff = backoff;
    this.intervals = Map.copyOf(intervals);
    this.ticker = ticker;
    this.wall = wall;
    this.chance = chance;
    this.duties = new LeaderDuties(() -> select(true), ticker);
  }

  /// Adds a loop before `start`; a loop of the same name is replaced.
  ///
  /// @throws Refusal INVALID_ARGUMENT when its interval is not positive or its delay negative
  public void register(LoopSpec spec) {
    var interval = intervals.getOrDefault(spec.name(), spec.interval());
    var delay = intervals.containsKey(spec.name()) ? shorter(spec, interval) : spec.initialDelay();
    var effective = spec.every(interval, delay);
    loops.put(spec.name(), new PeriodicLoop(effective, backoff, ticker, wall, chance));
  }

  /// Starts the loops that do not wait for leadership, dependencies first.
  public void start() {
    var order = order();
    if (!order.cyclic().isEmpty()) {
      LOG.warn("loops depend on each other in a circle and start last: {}", order.cyclic());
    }
    intervals.keySet().stream()
        .filter(name -> !loops.containsKey(name))
        .forEach(name -> LOG.warn("loops.{} of the configuration is no loop here", name));
    turn.lock();
    try {
      started = true;
      select(false).forEach(loop -> loop.start(Optional.empty()));
    } finally {
      turn.unlock();
    }
  }

  /// To be subscribed to leadership; opens and closes the leader-only loops.
  public Consumer<LeadershipEvent> leadershipSubscriber() {
    return duties;
  }

  /// Epoch whose leader duties are open here.
  public Optional<Epoch> openDuties() {
    return duties.openEpoch();
  }

  /// Hastens the next round of every running loop with this name; unknown names are ignored.
  public void wake(String name) {
    var loop = loops.get(name);
    if (loop != null) {
      loop.wake();
    }
  }

  /// Names in the order in which loops start.
  List<String> names() {
    return order().names();
  }

  /// @throws Refusal LOOP_NOT_FOUND naming the loops that there are
  PeriodicLoop get(String name) {
    var loop = loops.get(name);
    if (loop == null) {
      throw new Refusal(
          Reason.LOOP_NOT_FOUND, "no loop \"" + name + "\" here; there are " + loops.keySet());
    }
    return loop;
  }

  /// Ends the loop's round in progress and starts the loop anew; one that had stopped is started. A
  /// paused loop stays paused.
  ///
  /// @return false when the old round did not end in time; the loop begins again behind it
  /// @throws Refusal LOOP_NOT_FOUND, NOT_LEADER for a loop of the leader's where no duties are
  ///   open, or ILLEGAL_TRANSITION while the node's own loops do not run
  boolean restart(String name) throws InterruptedException {
    var loop = get(name);
    var before = loop.spec().leaderOnly() ? duties.restart(loop) : restartOwn(loop);
    return before.isEmpty() || before.get().join(PATIENCE);
  }

  private Optional<Thread> restartOwn(PeriodicLoop loop) {
    turn.lock();
    try {
      if (!started) {
        throw new Refusal(
            Reason.ILLEGAL_TRANSITION,
            "loop " + loop.spec().name() + " does not run; this node is starting or stopping");
      }
      return loop.restart(Optional.empty());
    } finally {
      turn.unlock();
    }
  }

  /// Health of each loop by name.
  public Map<String, Health> loopHealth() {
    var healths = new LinkedHashMap<String, Health>();
    loops.forEach((name, loop) -> healths.put(name, loop.health()));
    return healths;
  }

  @Override
  public String name() {
    return "LoopManager";
  }

  @Override
  public List<BindableService> services() {
    return List.of(new LoopEndpoint(this));
  }

  @Override
  public List<LoopSpec> loops() {
    return List.of(
        new LoopSpec(
            "loop_recovery",
            RECOVERY,
            RECOVERY,
            false,
            List.of(),
            _ -> restartStopped(),
            () -> Map.of("loops_restarted", restarted.get())));
  }

  /// Starts again what should run and does not (SPEC 6, SelfHealing). A paused loop runs.
  private void restartStopped() {
    int count = restartStoppedOwn() + duties.restartStopped();
    if (count > 0) {
      LOG.warn("{} loops had stopped and were started again", count);
      restarted.addAndGet(count);
    }
  }

  private int restartStoppedOwn() {
    turn.lock();
    try {
      if (!started) {
        return 0;
      }
      List<PeriodicLoop> dead = select(false).stream().filter(loop -> !loop.running()).toList();
      dead.forEach(loop -> loop.start(Optional.empty()));
      return dead.size();
    } finally {
      turn.unlock();
    }
  }

  @Override
  public Health health() {
    var all = new ArrayList<>(loops.values());
    long running = all.stream().filter(PeriodicLoop::running).count();
    var failing =
        all.stream()
            .filter(loop -> loop.stats().successRate() < 50)
            .map(loop -> loop.spec().name())
            .toList();
    var details =
        Map.of(
            "started", Boolean.toString(started),
            "loops_running", Long.toString(running),
            "total_loops", Integer.toString(all.size()),
            "total_runs", sum(all, LoopStats::totalRuns),
            "total_errors", sum(all, LoopStats::failedRuns),
            "failing_loops", String.join(",", failing));
    if (!started) {
      return new Health(Health.Status.READY, "not started", details);
    }
    if (running == 0 && !all.isEmpty()) {
      return Health.error("no loop runs", details);
    }
    return failing.isEmpty()
        ? Health.running(details)
        : Health.degraded("loops failing: " + String.join(", ", failing), details);
  }

  /// Stops every loop, all at once, and waits for the rounds in progress.
  @Override
  public void close() {
    turn.lock();
    try {
      started = false;
    } finally {
      turn.unlock();
    }
    duties.end();
    var own = select(false);
    own.forEach(PeriodicLoop::askToStop);
    var deadline = ticker.now().plus(PATIENCE);
    try {
      for (PeriodicLoop loop : own) {
        if (!loop.stop(deadline.since(ticker.now()))) {
          LOG.warn("loop {} did not end within {}", loop.spec().name(), PATIENCE);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private LoopOrder order() {
    return LoopOrder.of(
        loops.values().stream()
            .collect(Collectors.toMap(l -> l.spec().name(), l -> l.spec().dependsOn())));
  }

  private List<PeriodicLoop> select(boolean leaderOnly) {
    return order().names().stream()
        .map(this::get)
        .filter(loop -> loop.spec().leaderOnly() == leaderOnly)
        .toList();
  }

  /// An operator who shortens the interval does not want to wait for the usual first delay.
  private static Duration shorter(LoopSpec spec, Duration interval) {
    return spec.initialDelay().compareTo(interval) < 0 ? spec.initialDelay() : interval;
  }

  private static String sum(List<PeriodicLoop> loops, ToLongFunction<LoopStats> figure) {
    return Long.toString(loops.stream().map(PeriodicLoop::stats).mapToLong(figure).sum());
  }
}
