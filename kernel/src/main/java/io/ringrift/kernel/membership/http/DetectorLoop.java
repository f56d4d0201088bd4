package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The one thread that owns the detector. Its inbox is bounded; a full inbox is a lost message,
/// which the protocol survives. A broken invariant ends the thread through its uncaught handler.
final class DetectorLoop {
  /// What other threads may see of the detector.
  record View(List<Member> members, Set<NodeId> relayed, Incarnation incarnation, int doubt) {}

  private record Work(PollInput input, Consumer<PollDetector> after) {}

  private static final int INBOX = 4096;
  private static final Duration LONGEST_TICK = Duration.ofMillis(500);

  private final PollDetector detector;
  private final Ticker ticker;
  private final Duration tick;
  private final Consumer<PollEffect> world;
  private final Consumer<Moment> eachTick;
  private final BlockingQueue<Work> inbox = new ArrayBlockingQueue<>(INBOX);
  private final Thread thread;
  private volatile View view;
  private volatile boolean closed;

  /// @param world performs one effect; must not block
  /// @param eachTick further periodic work of the owner thread; must not block
  DetectorLoop(
      DetectorConfig config, Ticker ticker, Consumer<PollEffect> world, Consumer<Moment> eachTick) {
    this.detector = new PollDetector(config, ticker.now());
    this.ticker = ticker;
    Duration fifth = config.timing().heartbeat().dividedBy(5);
    this.tick = fifth.compareTo(LONGEST_TICK) < 0 ? fifth : LONGEST_TICK;
    this.world = world;
    this.eachTick = eachTick;
    this.view = look(ticker.now());
    this.thread =
        Thread.ofPlatform().daemon().name("membership-" + config.self()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  View view() {
    return view;
  }

  /// Hands in an input.
  ///
  /// @param after runs on the owner thread right behind the step
  /// @return false when the inbox is full
  boolean offer(PollInput input, Consumer<PollDetector> after) {
    return inbox.offer(new Work(input, after));
  }

  boolean offer(PollInput input) {
    return offer(input, _ -> {});
  }

  /// Ends the thread; waits at most a second for the step in progress.
  void close() {
    closed = true;
    thread.interrupt();
    if (!Thread.currentThread().equals(thread)) {
      try {
        thread.join(1000);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    Moment nextTick = ticker.now();
    while (!closed) {
      Moment now = ticker.now();
      if (!now.isBefore(nextTick)) {
        nextTick = now.plus(tick);
        step(now, new Work(new PollInput.Tick(), _ -> {}));
        view = look(now);
        eachTick.accept(now);
      }
      try {
        Work work = inbox.poll(nextTick.since(now).toNanos(), TimeUnit.NANOSECONDS);
        if (work != null) {
          step(ticker.now(), work);
        }
      } catch (InterruptedException _) {
        closed = true;
      }
    }
  }

  private void step(Moment now, Work work) {
    var effects = detector.step(now, work.input());
    if (effects.stream().anyMatch(PollEffect.Changed.class::isInstance)
        || !detector.incarnation().equals(view.incarnation())
        || work.input() instanceof PollInput.Leave) {
      view = look(now);
    }
    effects.forEach(world);
    work.after().accept(detector);
  }

  private View look(Moment now) {
    var members = detector.members(now);
    return new View(
        members,
        members.stream()
            .map(Member::id)
            .filter(detector::relayed)
            .collect(Collectors.toUnmodifiableSet()),
        detector.incarnation(),
        detector.doubt());
  }
}
