package io.ringrift.managers.watch;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Counts who says that it leads (SPEC 3.6). The greater epoch is the leader; two of one epoch are
/// impossible by construction, and if seen an invariant is broken. Nothing here decides who leads.
@Pure
final class SplitBrainDetector {
  /// What a node says of itself.
  record Claim(String nodeId, boolean leads, long epoch) {}

  sealed interface Finding {
    /// Two or more lead. Told once per partition.
    ///
    /// @param invariantBroken two of them in one epoch
    record Detected(List<Claim> leaders, String canonical, boolean invariantBroken)
        implements Finding {}

    /// This node is one of two leaders of one epoch and has to end its office. Told each round.
    record StepDown() implements Finding {}

    /// Told once, when it has gone on for long.
    record Alert(List<Claim> leaders, Duration lasted) implements Finding {}

    /// At most one leads again.
    record Resolved(Duration lasted) implements Finding {}

    /// The heal has rested: what was missed can be fetched.
    record Resync() implements Finding {}
  }

  private final SplitBrainConfig config;
  private final String self;
  private long checks;
  private long detections;
  private int lastLeaders;
  private boolean alerted;
  private @Nullable Moment since;
  private @Nullable Moment healed;
  private Duration lasted = Duration.ZERO;

  SplitBrainDetector(SplitBrainConfig config, String self) {
    this.config = config;
    this.self = self;
  }

  /// One round of answers.
  ///
  /// @param peers other nodes that are known, answered or not
  List<Finding> step(Moment now, int peers, List<Claim> answers) {
    checks++;
    var findings = new ArrayList<Finding>();
    if (peers < config.minPeers()) {
      return findings;
    }
    List<Claim> leaders =
        answers.stream()
            .filter(Claim::leads)
            .sorted(Comparator.comparingLong(Claim::epoch).reversed().thenComparing(Claim::nodeId))
            .toList();
    lastLeaders = leaders.size();
    if (leaders.size() > 1) {
      divided(now, leaders, findings);
    } else {
      whole(now, findings);
    }
    return findings;
  }

  private void divided(Moment now, List<Claim> leaders, List<Finding> findings) {
    healed = null;
    Moment began = since;
    if (began == null) {
      began = now;
      since = now;
      detections++;
      boolean broken = leaders.stream().map(Claim::epoch).distinct().count() < leaders.size();
      findings.add(new Finding.Detected(leaders, leaders.getFirst().nodeId(), broken));
    }
    if (rivalOfOurEpoch(leaders)) {
      findings.add(new Finding.StepDown());
    }
    lasted = now.since(began);
    if (!alerted && lasted.compareTo(config.alertAfter()) >= 0) {
      alerted = true;
      findings.add(new Finding.Alert(leaders, lasted));
    }
  }

  private boolean rivalOfOurEpoch(List<Claim> leaders) {
    return leaders.stream()
        .filter(ours -> ours.nodeId().equals(self))
        .anyMatch(
            ours ->
                leaders.stream()
                    .anyMatch(l -> !l.nodeId().equals(self) && l.epoch() == ours.epoch()));
  }

  private void whole(Moment now, List<Finding> findings) {
    Moment began = since;
    if (began != null) {
      findings.add(new Finding.Resolved(now.since(began)));
      since = null;
      alerted = false;
      lasted = Duration.ZERO;
      healed = now;
    }
    Moment rest = healed;
    if (rest != null && now.since(rest).compareTo(config.resyncDelay()) >= 0) {
      healed = null;
      findings.add(new Finding.Resync());
    }
  }

  boolean active() {
    return since != null;
  }

  /// The partition goes on for longer than the alert's time.
  boolean overdue() {
    return alerted;
  }

  /// Figures of SPEC 6.
  Map<String, Long> counters() {
    var counters = new TreeMap<String, Long>();
    counters.put("detections", detections);
    counters.put("checks_performed", checks);
    counters.put("partition_active", active() ? 1L : 0L);
    counters.put("partition_duration_seconds", lasted.toSeconds());
    counters.put("partition_alert_emitted", alerted ? 1L : 0L);
    counters.put("last_leaders_seen", (long) lastLeaders);
    return counters;
  }
}
