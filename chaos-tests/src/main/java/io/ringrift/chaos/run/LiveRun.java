package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.report.NotRun;
import io.ringrift.chaos.scenario.Scenario.Work;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.GetStatusResponse;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// Load on a deployment that is not ours, one fault at most that its API offers, and checks of what
/// clients were told. Items are of a type and with payloads of this run alone, bounded in number,
/// and those that have not ended are cancelled at the end; with `SIGKILL` they stay. One thread,
/// once.
final class LiveRun {
  private static final Duration CLAIM_LEASE = Duration.ofSeconds(15);

  /// Of a run whose workers stand still for longer.
  private static final Duration SHORT_LEASE = Duration.ofSeconds(5);

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration WARM = Duration.ofSeconds(2);

  /// In which all agree on a leader again and work is done.
  private static final Duration RECOVERY = Duration.ofSeconds(60);

  private static final int MOST_SUBMITS = 2000;
  private static final int MOST = 20_000;
  private static final Work WORK = new Work(4, Set.of("queue"), 0, Duration.ofMillis(50));

  private final LivePlan plan;
  private final LiveFault fault;
  private final PrintWriter out;
  private final RunClock clock = new RunClock(Ticker.system());
  private final History history = new History(clock, MOST);
  private final EvidenceRecorder recorder = new EvidenceRecorder(MOST);
  private final String prefix;

  /// @param prefix tells this run's items from all others
  LiveRun(LivePlan plan, LiveFault fault, String prefix, PrintWriter out) {
    this.plan = plan;
    this.fault = fault;
    this.prefix = prefix;
    this.out = out;
  }

  /// A fault that was to be done and was not, and why.
  static NotRun notRun(LivePlan plan, LiveFault fault, String reason) {
    return new NotRun(fault.word(), "live", "", "", plan.seed(), reason, false);
  }

  /// @throws Refusal when an address does not answer, or when the deployment can spare no voter;
  ///   nothing was submitted then
  RunResult run() throws IOException, InterruptedException {
    var nodes = new LinkedHashMap<String, Endpoint>();
    Optional<GetStatusResponse> first = Optional.empty();
    for (Endpoint address : plan.addresses()) {
      GetStatusResponse status = status(address);
      nodes.put(status.getNodeId(), address);
      first = first.or(() -> Optional.of(status));
    }
    LiveStrike.requireRoom(plan, fault);
    var effects = new Effects(Path.of("no-jobs-are-spawned"), clock);
    var setup =
        new Clients.Setup(prefix, nodes, plan.token(), lease(), effects.file(), plan.seed());
    try (var watch = new Watch(nodes, clock, recorder, plan.token());
        var clients = new Clients(setup, WORK, history)) {
      var strike = new LiveStrike(plan, nodes, fault, clients, prefix);
      try (var _ = new LiveCleaning(plan, prefix, clients, strike, recorder, out)) {
        storm(watch, clients, strike, List.copyOf(nodes.keySet()));
        new Finals(nodes, prefix, _ -> Optional.empty(), plan.token()).record(recorder);
      } catch (Refusal stopped) {
        recorder.failed(stopped.text());
      }
    }
    return new RunResult(
        recorder.evidence(setting(nodes, first.orElseThrow()), expectations(), history),
        List.of(),
        history.recorded().operations().size() + " operations");
  }

  private Duration lease() {
    return fault == LiveFault.CONSUMERS ? SHORT_LEASE : CLAIM_LEASE;
  }

  private Expectations expectations() {
    return fault.touches()
        ? new Expectations(Duration.ZERO, Duration.ZERO, RECOVERY)
        : Expectations.NONE;
  }

  private void storm(Watch watch, Clients clients, LiveStrike strike, List<String> nodes)
      throws InterruptedException {
    clients.start(WORK, plan.duration(), recorder::failed);
    long end = clock.nanos() + plan.duration().toNanos();
    if (fault != LiveFault.LOAD) {
      hold(WARM);
      try {
        struck(watch, strike);
      } catch (Refusal refusal) {
        recorder.failed(refusal.text());
      }
    }
    while (clock.nanos() < end && clients.acknowledged() < MOST_SUBMITS) {
      hold(PAUSE);
    }
    if (fault.touches()) {
      long healed = clock.nanos();
      long late = healed + RECOVERY.toNanos();
      while (clock.nanos() < late
          && !(watch.agreed(nodes, healed).isPresent() && clients.probe())) {
        hold(PAUSE);
      }
    }
    clients.stop();
  }

  private void struck(Watch watch, LiveStrike strike) {
    List<String> leader = watch.ledLast().map(RoleSample::node).stream().toList();
    long from = clock.nanos();
    String effect = strike.begin();
    long began = clock.nanos();
    hold(fault.lasting());
    strike.end();
    List<String> hit =
        fault == LiveFault.CONSUMERS || fault == LiveFault.DRAIN ? List.of() : leader;
    recorder.fault(
        new FaultBand(
            fault.word(),
            hit,
            from,
            fault.lasting().isZero() ? began : clock.nanos(),
            effect,
            false));
  }

  private void hold(Duration span) {
    long end = clock.nanos() + span.toNanos();
    for (long left = span.toNanos(); left > 0; left = end - clock.nanos()) {
      LockSupport.parkNanos(this, left);
    }
  }

  private GetStatusResponse status(Endpoint address) {
    try (var client = new ClusterClient(List.of(address), plan.token(), PATIENCE)) {
      return client.call(
          c ->
              StatusServiceGrpc.newBlockingStub(c)
                  .getStatus(GetStatusRequest.getDefaultInstance()));
    }
  }

  private Setting setting(Map<String, Endpoint> nodes, GetStatusResponse status) {
    return new Setting(
        fault.word(),
        "A deployment of a user's own: load, and " + fault.told() + ".",
        "live",
        status.getMembershipMode(),
        status.getConsensusMode(),
        plan.seed(),
        plan.replay(fault),
        List.copyOf(nodes.keySet()),
        List.copyOf(status.getVoterNodeIdsList()),
        lease(),
        Duration.ofNanos(clock.nanos()));
  }
}
