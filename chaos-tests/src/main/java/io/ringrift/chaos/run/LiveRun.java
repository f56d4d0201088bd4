package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.chaos.scenario.Scenario.Work;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.queue.v1.CancelWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.GetStatusResponse;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// Load on a deployment that is not ours, and checks of what its clients were told. No fault is
/// done. Items are of a type and with payloads of this run alone, bounded in number, and those that
/// have not ended are cancelled at the end; with `SIGKILL` they stay until their attempts are used
/// up. One thread, once.
final class LiveRun {
  private static final Duration CLAIM_LEASE = Duration.ofSeconds(15);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MOST_SUBMITS = 2000;
  private static final int MOST = 20_000;
  private static final Work WORK = new Work(4, Set.of("queue"), 0, Duration.ofMillis(50));

  private final List<Endpoint> addresses;
  private final long seed;
  private final Duration duration;
  private final RunClock clock = new RunClock(Ticker.system());
  private final History history = new History(clock, MOST);
  private final EvidenceRecorder recorder = new EvidenceRecorder(MOST);
  private final String prefix;

  /// @param prefix tells this run's items from all others
  LiveRun(List<Endpoint> addresses, long seed, Duration duration, String prefix) {
    this.addresses = List.copyOf(addresses);
    this.seed = seed;
    this.duration = duration;
    this.prefix = prefix;
  }

  /// @throws Refusal when an address does not answer; nothing was submitted then
  RunResult run() throws IOException, InterruptedException {
    var nodes = new LinkedHashMap<String, Endpoint>();
    Optional<GetStatusResponse> first = Optional.empty();
    for (Endpoint address : addresses) {
      GetStatusResponse status = status(address);
      nodes.put(status.getNodeId(), address);
      first = first.or(() -> Optional.of(status));
    }
    var effects = new Effects(Path.of("no-jobs-are-spawned"), clock);
    var setup = new Clients.Setup(prefix, addresses, CLAIM_LEASE, effects.file(), seed);
    try (var _ = new Watch(nodes, clock, recorder);
        var clients = new Clients(setup, WORK, history)) {
      clients.start(WORK);
      long end = clock.nanos() + duration.toNanos();
      while (clock.nanos() < end && clients.acknowledged() < MOST_SUBMITS) {
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      }
      clients.stop();
      new Finals(nodes, prefix, _ -> Optional.empty()).record(recorder);
      cancelled();
    } catch (Refusal stopped) {
      recorder.failed(stopped.text());
    }
    return new RunResult(
        recorder.evidence(setting(nodes, first.orElseThrow()), Expectations.NONE, history),
        List.of(),
        history.recorded().operations().size() + " operations");
  }

  private static GetStatusResponse status(Endpoint address) {
    try (var client = new ClusterClient(List.of(address), Optional.empty(), PATIENCE)) {
      return client.call(
          c ->
              StatusServiceGrpc.newBlockingStub(c)
                  .getStatus(GetStatusRequest.getDefaultInstance()));
    }
  }

  /// What was not ended is taken out of the user's queue.
  private void cancelled() {
    try (var client = new ClusterClient(addresses, Optional.empty(), PATIENCE)) {
      for (String id :
          new Finals(Map.of("", addresses.getFirst()), prefix, _ -> Optional.empty()).unended()) {
        var cancel =
            CancelWorkRequest.newBuilder().setWorkId(id).setRequestId(prefix + "end-" + id);
        try {
          var _ = client.call(c -> QueueServiceGrpc.newBlockingStub(c).cancelWork(cancel.build()));
        } catch (Refusal refusal) {
          recorder.leftover("work item " + id + ": " + refusal.text());
        }
      }
    }
  }

  private Setting setting(Map<String, Endpoint> nodes, GetStatusResponse status) {
    return new Setting(
        "live",
        "Load on a deployment, without faults.",
        "live",
        status.getMembershipMode(),
        status.getConsensusMode(),
        seed,
        "bin/ringrift chaos run live --allow-live --address "
            + String.join(",", addresses.stream().map(Endpoint::toString).toList()),
        List.copyOf(nodes.keySet()),
        List.copyOf(status.getVoterNodeIdsList()),
        CLAIM_LEASE,
        Duration.ofNanos(clock.nanos()));
  }
}
