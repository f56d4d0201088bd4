package io.ringrift.managers.sync;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.sync.v1.CollectGarbageRequest;
import io.ringrift.sync.v1.CollectGarbageResponse;
import io.ringrift.sync.v1.NodeGarbage;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.time.Duration;
import java.util.TreeSet;

/// Garbage collection as it is asked for: here, or on every alive node, one after the other. Blocks
/// for as long as the disks need; safe for any thread.
final class GarbageRounds {
  private final Services services;
  private final GarbageCollector collector;
  private final Confirmations confirmations;
  private final Duration timeout;

  private GarbageRounds(
      Services services,
      GarbageCollector collector,
      Confirmations confirmations,
      Duration timeout) {
    this.services = services;
    this.collector = collector;
    this.confirmations = confirmations;
    this.timeout = timeout;
  }

  static GarbageRounds of(
      Services services,
      Membership membership,
      SyncConfig config,
      Ticker ticker,
      SyncCounters counters,
      GarbageCollector.Parts parts) {
    var confirmations = new Confirmations(services, membership, config.requestTimeout());
    var events = new SyncEvents(services, counters);
    var collector =
        new GarbageCollector(services, config, ticker, parts, confirmations, events, counters);
    return new GarbageRounds(services, collector, confirmations, config.transferTimeout());
  }

  /// One round of this node.
  void round() throws InterruptedException {
    var _ = collector.collect(false);
  }

  /// @throws Refusal when this node alone was asked and cannot tell
  CollectGarbageResponse collect(CollectGarbageRequest request) throws InterruptedException {
    var response = CollectGarbageResponse.newBuilder();
    if (!request.getCluster()) {
      return response.addNodes(collector.collect(request.getDryRun())).build();
    }
    var nodes = new TreeSet<>(confirmations.others());
    nodes.add(services.self());
    for (NodeId node : nodes) {
      response.addNodes(on(node, request.getDryRun()));
    }
    return response.build();
  }

  private NodeGarbage on(NodeId node, boolean dryRun) throws InterruptedException {
    try {
      if (node.equals(services.self())) {
        return collector.collect(dryRun);
      }
      return SyncServiceGrpc.newBlockingStub(services.on(node))
          .withDeadlineAfter(timeout)
          .collectGarbage(CollectGarbageRequest.newBuilder().setDryRun(dryRun).build())
          .getNodes(0);
    } catch (StatusRuntimeException e) {
      return failed(node, Errors.fromStatus(e));
    } catch (Refusal refusal) {
      return failed(node, refusal);
    }
  }

  private static NodeGarbage failed(NodeId node, Refusal why) {
    return NodeGarbage.newBuilder().setNodeId(node.value()).setError(why.text()).build();
  }
}
