package io.ringrift.managers.watch;

import io.grpc.BindableService;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import io.ringrift.managers.Services;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The loops that watch over the cluster (SPEC 3.6, 5.9 and 6). Serves nothing of its own: what it
/// finds is told as events and counters.
public final class ClusterWatch implements Manager {
  private final IdleDetection idle;
  private final PredictiveMonitoring forecast;
  private final AutoScaling scaling;
  private final SplitBrainDetection splitBrain;
  private final JobManagement jobs;
  private final MembershipEvents members;

  /// @param scaler adds and removes machines; `Scaler.NONE` turns scaling off
  /// @param resync hastens what fetches data, after a partition has healed; must not block
  public ClusterWatch(
      Services services,
      Membership membership,
      Consensus consensus,
      WatchConfig config,
      Scaler scaler,
      Ticker ticker,
      Runnable resync) {
    var office = new Office(services, consensus);
    this.idle = new IdleDetection(office, config.idle(), ticker);
    this.forecast = new PredictiveMonitoring(office, config.forecast(), ticker);
    this.scaling = new AutoScaling(office, config.scale(), scaler, ticker);
    this.splitBrain =
        new SplitBrainDetection(
            services, membership, consensus, config.splitBrain(), ticker, resync);
    this.jobs = new JobManagement(office, config.pressure(), ticker);
    this.members = new MembershipEvents(office, membership, consensus, ticker);
  }

  @Override
  public List<BindableService> services() {
    return List.of();
  }

  @Override
  public List<LoopSpec> loops() {
    return List.of(
        idle.loop(),
        forecast.loop(),
        scaling.loop(),
        splitBrain.loop(),
        jobs.loop(),
        members.loop());
  }

  @Override
  public String name() {
    return "ClusterWatch";
  }

  /// Two leaders are a sickness of the cluster, at first a mild one.
  @Override
  public Health health() {
    var details = new TreeMap<String, String>();
    for (Map<String, Long> counters :
        List.of(idle.counters(), forecast.counters(), splitBrain.counters())) {
      counters.forEach((name, value) -> details.put(name, Long.toString(value)));
    }
    if (splitBrain.overdue()) {
      return Health.error("more than one node has led for long", details);
    }
    return splitBrain.active()
        ? Health.degraded("more than one node leads", details)
        : Health.running(details);
  }

  @Override
  public void close() {
    // Its loops end with the LoopManager.
  }
}
