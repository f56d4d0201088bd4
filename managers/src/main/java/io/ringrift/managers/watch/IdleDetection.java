package io.ringrift.managers.watch;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Tells of GPU nodes that do nothing, as events that whoever fills the queue can act on.
final class IdleDetection {
  private final Office office;
  private final IdleConfig config;
  private final Ticker ticker;
  private final IdleDetector detector;
  private final AtomicLong idle = new AtomicLong();
  private final AtomicLong zombies = new AtomicLong();
  private final AtomicLong now = new AtomicLong();
  private final AtomicLong skipped = new AtomicLong();

  // Used by the loop's thread only.
  private Optional<Epoch> term = Optional.empty();

  IdleDetection(Office office, IdleConfig config, Ticker ticker) {
    this.office = office;
    this.config = config;
    this.ticker = ticker;
    this.detector = new IdleDetector(config);
  }

  LoopSpec loop() {
    return new LoopSpec(
        "idle_detection",
        config.interval(),
        config.interval(),
        true,
        List.of("job_reaper"),
        this::round,
        this::counters);
  }

  Map<String, Long> counters() {
    return Map.of(
        "total_detections", idle.get(),
        "total_zombie_detections", zombies.get(),
        "currently_idle", now.get(),
        "skipped_not_leader", skipped.get());
  }

  private void round(Optional<Epoch> epoch) {
    if (!term.equals(epoch)) {
      term = epoch;
      detector.reset();
    }
    List<IdleDetector.Finding> findings = detector.step(ticker.now(), office.nodes());
    now.set(detector.idle().size());
    for (IdleDetector.Finding finding : findings) {
      if (!tell(epoch.orElseThrow(), finding)) {
        return;
      }
    }
  }

  /// @return false when another node leads meanwhile
  private boolean tell(Epoch epoch, IdleDetector.Finding finding) {
    boolean isIdle = finding.kind() == IdleDetector.Kind.IDLE;
    try {
      office.event(
          epoch,
          isIdle ? "NODE_IDLE" : "NODE_ZOMBIE",
          finding.nodeId(),
          Map.of(
              "node_id", finding.nodeId(),
              "seconds", Long.toString(finding.lasted().toSeconds()),
              "spare", Boolean.toString(detector.spare().contains(finding.nodeId()))));
    } catch (Refusal e) {
      if (e.reason() == Reason.STALE_EPOCH || e.reason() == Reason.NOT_LEADER) {
        skipped.incrementAndGet();
        return false;
      }
      throw e;
    }
    var _ = isIdle ? idle.incrementAndGet() : zombies.incrementAndGet();
    return true;
  }
}
