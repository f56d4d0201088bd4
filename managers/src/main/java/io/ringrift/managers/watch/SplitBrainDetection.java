package io.ringrift.managers.watch;

import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.election.v1.Role;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.LeaderEvents;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.RecordEvent;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks every node who leads and tells of two (SPEC 3.6). Runs on every node, because each side of
/// a partition sees another part. Only where the impossible is seen, two leaders of one epoch, does
/// it act: this node steps down if it is one of them.
final class SplitBrainDetection {
  private static final Logger LOG = LoggerFactory.getLogger(SplitBrainDetection.class);

  private final Services services;
  private final LeaderEvents events;
  private final Membership membership;
  private final Consensus consensus;
  private final SplitBrainConfig config;
  private final Ticker ticker;
  private final Runnable resync;
  private final SplitBrainDetector detector;

  // Written by the loop's thread, read by any.
  private volatile Map<String, Long> counters;
  private volatile boolean active;
  private volatile boolean overdue;

  SplitBrainDetection(
      Services services,
      Membership membership,
      Consensus consensus,
      SplitBrainConfig config,
      Ticker ticker,
      Runnable resync) {
    this.services = services;
    this.events = new LeaderEvents(services);
    this.membership = membership;
    this.consensus = consensus;
    this.config = config;
    this.ticker = ticker;
    this.resync = resync;
    this.detector = new SplitBrainDetector(config, services.self().value());
    this.counters = detector.counters();
  }

  LoopSpec loop() {
    return new LoopSpec(
        "split_brain_detection",
        config.interval(),
        config.delay(),
        false,
        List.of(),
        _ -> round(),
        this::counters);
  }

  Map<String, Long> counters() {
    return counters;
  }

  boolean active() {
    return active;
  }

  boolean overdue() {
    return overdue;
  }

  private void round() throws InterruptedException {
    List<NodeId> alive =
        membership.members().stream().filter(Member::alive).map(Member::id).toList();
    int peers = (int) alive.stream().filter(id -> !id.equals(services.self())).count();
    List<SplitBrainDetector.Claim> answers =
        peers < config.minPeers()
            ? List.of()
            : List.copyOf(Fanout.ask(alive, config.requestTimeout(), this::ask).answers().values());
    var findings = detector.step(ticker.now(), peers, answers);
    counters = Map.copyOf(detector.counters());
    active = detector.active();
    overdue = detector.overdue();
    findings.forEach(this::tell);
  }

  private SplitBrainDetector.Claim ask(NodeId node) {
    var answer =
        ElectionServiceGrpc.newBlockingStub(services.on(node))
            .withDeadlineAfter(config.requestTimeout())
            .getLeadership(GetLeadershipRequest.getDefaultInstance());
    return new SplitBrainDetector.Claim(
        node.value(), answer.getRole() == Role.ROLE_LEADER, answer.getEpoch());
  }

  private void tell(SplitBrainDetector.Finding finding) {
    switch (finding) {
      case SplitBrainDetector.Finding.Detected(var leaders, var canonical, var broken) -> {
        LOG.error("more than one node leads: {}; {} has the greatest epoch", leaders, canonical);
        record(
            "SPLIT_BRAIN_DETECTED",
            leaders,
            Map.of(
                "severity",
                broken ? "critical" : "warning",
                "canonical_leader",
                canonical,
                "resolution_action",
                broken ? "both step down" : "greater epoch wins",
                "voter_count",
                Integer.toString(consensus.voters().size())));
      }
      case SplitBrainDetector.Finding.StepDown() -> stepDown();
      case SplitBrainDetector.Finding.Alert(var leaders, var lasted) -> {
        LOG.error("more than one node leads for {}: {}", lasted, leaders);
        record(
            "SPLIT_BRAIN_ALERT",
            leaders,
            Map.of("severity", "critical", "after_seconds", alertSeconds()));
      }
      case SplitBrainDetector.Finding.Resolved(var lasted) -> {
        LOG.info("one node leads again, after {}", lasted);
        if (consensus.leadership().role() == io.ringrift.kernel.Role.LEADER) {
          record(
              "SPLIT_BRAIN_RESOLVED",
              List.of(),
              Map.of("seconds", Long.toString(lasted.toSeconds())));
        }
      }
      case SplitBrainDetector.Finding.Resync() -> resync.run();
    }
  }

  private String alertSeconds() {
    return Long.toString(config.alertAfter().toSeconds());
  }

  private void stepDown() {
    try {
      var _ = consensus.stepDown("two leaders of one epoch were seen");
    } catch (Refusal e) {
      LOG.info("did not lead any more: {}", e.text());
    }
  }

  /// Every node sees the same partition; by its request id the leader records it once for all.
  private void record(
      String kind, List<SplitBrainDetector.Claim> leaders, Map<String, String> more) {
    String seen =
        leaders.stream().map(l -> l.nodeId() + "@" + l.epoch()).collect(Collectors.joining(","));
    var event =
        RecordEvent.newBuilder()
            .setKind(kind)
            .setSubject("leadership")
            .putAllAttributes(more)
            .putAttributes("leaders_seen", seen);
    String once = seen.isEmpty() ? "" : kind + ":" + Integer.toHexString(seen.hashCode());
    var _ = events.record(once, event);
  }
}
