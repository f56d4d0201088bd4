package io.ringrift.chaos.run;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.ringrift.kernel.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// Channels to every node, for calls that one node has to answer by itself: who follows the leader
/// never sees what the others would say. One thread; `close` is for any.
final class Anywhere implements AutoCloseable {
  private final List<String> names;
  private final List<ManagedChannel> channels;
  private final Optional<String> token;
  private final Duration limit;

  /// A node and the way to it.
  record Node(String name, Channel channel) {}

  /// @param nodes by name
  /// @param token bearer token, where the nodes want one
  /// @param limit of each call
  Anywhere(Map<String, Endpoint> nodes, Optional<String> token, Duration limit) {
    this.token = token;
    this.limit = limit;
    this.names = List.copyOf(nodes.keySet());
    this.channels =
        nodes.values().stream()
            .map(at -> NettyChannelBuilder.forAddress(at.host(), at.port()).usePlaintext().build())
            .toList();
  }

  /// A node by chance.
  Node one(SplittableRandom random) {
    return node(random.nextInt(channels.size()));
  }

  List<Node> all() {
    return IntStream.range(0, channels.size()).mapToObj(this::node).toList();
  }

  private Node node(int which) {
    // The back-off of a channel to a node that comes back would hide what it has by then.
    channels.get(which).resetConnectBackoff();
    Channel channel = Bearer.on(channels.get(which), token);
    return new Node(names.get(which), ClientInterceptors.intercept(channel, new Limited(limit)));
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  private record Limited(Duration limit) implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return next.newCall(
          method, options.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS));
    }
  }
}
