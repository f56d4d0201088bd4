package io.ringrift.managers.status;

import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.Health;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import io.ringrift.managers.RecentOutcomes;
import io.ringrift.managers.Replies;
import io.ringrift.status.v1.GetHealthRequest;
import io.ringrift.status.v1.GetHealthResponse;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.GetStatusResponse;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// The node at a glance: what the kernel knows is read at each call, everything that has to be
/// asked for, the health of the managers too, is collected under a deadline and shown again for at
/// most 2 s.
public final class StatusMetricsCollector implements Manager {
  private final Collector collector;
  private final ManagersHealth managers;
  private final StatusBlocks blocks;
  private final StatusReport report;
  private final AtomicLong collections = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final RecentOutcomes recent = new RecentOutcomes();

  public StatusMetricsCollector(CollectorConfig config, StatusSources sources) {
    Moment start = sources.ticker().now();
    this.collector = new Collector(config, sources.ticker());
    this.managers = new ManagersHealth(config, sources.managers(), sources.ticker());
    this.blocks = new StatusBlocks(sources);
    this.report = new StatusReport(sources, blocks, start);
  }

  @Override
  public String name() {
    return "StatusMetricsCollector";
  }

  @Override
  public Health health() {
    return recent.health(
        Map.of(
            "collections", Long.toString(collections.get()),
            "blocks_failed", Long.toString(failures.get())));
  }

  @Override
  public List<BindableService> services() {
    return List.of(new Endpoint());
  }

  @Override
  public List<LoopSpec> loops() {
    return List.of();
  }

  @Override
  public void close() {}

  private Collected collect() {
    try {
      var collected = collector.collect(blocks.all());
      collections.incrementAndGet();
      boolean bad = !collected.errors().isEmpty();
      failures.addAndGet(bad ? 1 : 0);
      recent.add(bad);
      return collected;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private Map<String, Health> askManagers() {
    try {
      return managers.ask();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static Refusal interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new Refusal(Reason.SHUTTING_DOWN, "interrupted while the status was collected", e);
  }

  private final class Endpoint extends StatusServiceGrpc.StatusServiceImplBase {
    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> observer) {
      Replies.unary(
          observer, () -> report.status(collect(), askManagers(), request.getAliveOnly()));
    }

    @Override
    public void getHealth(GetHealthRequest request, StreamObserver<GetHealthResponse> observer) {
      Replies.unary(observer, () -> report.health(askManagers()));
    }
  }
}
