package io.ringrift.kernel.wire;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.ringrift.gossip.v1.ExchangeRequest;
import io.ringrift.gossip.v1.ExchangeResponse;
import io.ringrift.gossip.v1.GossipServiceGrpc;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// The gossip service and its client. Reading validates ids and counters.
public final class GossipRpc extends GossipServiceGrpc.GossipServiceImplBase {
  /// Versions and facts taken from one message; more are cut off.
  private static final int MAX_ENTRIES = 1024;

  private final Function<Exchange.Ask, Exchange.Answer> handler;

  /// @param handler answers one exchange without blocking; may throw a `Refusal`
  public GossipRpc(Function<Exchange.Ask, Exchange.Answer> handler) {
    this.handler = handler;
  }

  @Override
  public void exchange(ExchangeRequest request, StreamObserver<ExchangeResponse> reply) {
    ExchangeResponse response;
    try {
      response = proto(handler.apply(ask(request)));
    } catch (Refusal refusal) {
      reply.onError(Errors.toStatus(refusal));
      return;
    }
    reply.onNext(response);
    reply.onCompleted();
  }

  /// Blocks until the answer or the deadline; meant for virtual threads.
  ///
  /// @throws Refusal when there is none
  public static Exchange.Answer call(Channel channel, Exchange.Ask ask, Duration deadline) {
    var request =
        ExchangeRequest.newBuilder()
            .setNodeId(ask.from().value())
            .setClusterId(ask.clusterId())
            .addAllDigest(ask.digest().stream().map(GossipRpc::proto).toList())
            .addAllFacts(ask.facts().stream().map(GossipRpc::proto).toList())
            .build();
    try {
      var response =
          GossipServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
              .exchange(request);
      return new Exchange.Answer(
          new NodeId(response.getNodeId()),
          facts(response.getFactsList()),
          versions(response.getWantsList()));
    } catch (StatusRuntimeException e) {
      Refusal refusal = Errors.fromStatus(e);
      throw refusal;
    }
  }

  private static Exchange.Ask ask(ExchangeRequest request) {
    return new Exchange.Ask(
        new NodeId(request.getNodeId()),
        request.getClusterId(),
        versions(request.getDigestList()),
        facts(request.getFactsList()));
  }

  private static ExchangeResponse proto(Exchange.Answer answer) {
    return ExchangeResponse.newBuilder()
        .setNodeId(answer.from().value())
        .addAllFacts(answer.facts().stream().map(GossipRpc::proto).toList())
        .addAllWants(answer.wants().stream().map(GossipRpc::proto).toList())
        .build();
  }

  private static io.ringrift.gossip.v1.FactVersion proto(FactVersion version) {
    return io.ringrift.gossip.v1.FactVersion.newBuilder()
        .setNodeId(version.node().value())
        .setBootId(version.boot().toString())
        .setBootTimeMillis(version.bootTimeMillis())
        .setCounter(version.counter())
        .build();
  }

  private static io.ringrift.gossip.v1.Fact proto(Fact fact) {
    return io.ringrift.gossip.v1.Fact.newBuilder()
        .setVersion(proto(fact.version()))
        .setPayload(fact.payload())
        .build();
  }

  private static List<FactVersion> versions(List<io.ringrift.gossip.v1.FactVersion> protos) {
    return protos.stream().limit(MAX_ENTRIES).map(GossipRpc::version).toList();
  }

  private static List<Fact> facts(List<io.ringrift.gossip.v1.Fact> protos) {
    return protos.stream()
        .limit(MAX_ENTRIES)
        .map(proto -> new Fact(version(proto.getVersion()), proto.getPayload()))
        .toList();
  }

  private static FactVersion version(io.ringrift.gossip.v1.FactVersion proto) {
    if (proto.getCounter() < 0 || proto.getCounter() == Long.MAX_VALUE) {
      throw Refusal.invalid("counter", Long.toUnsignedString(proto.getCounter()), "0 to 2^63-2");
    }
    return new FactVersion(
        new NodeId(proto.getNodeId()),
        BootId.parse(proto.getBootId()),
        proto.getBootTimeMillis(),
        proto.getCounter());
  }
}
