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
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// Channels to every node, for calls that one node has to answer by itself: who follows the leader
/// never sees what the others would say. One thread; `close` is for any.
final class Anywhere implements AutoCloseable {
  private final List<ManagedChannel> channels;
  private final Optional<String> token;
  private final Duration limit;

  /// @param token bearer token, where the nodes want one
  /// @param limit of each call
  Anywhere(List<Endpoint> nodes, Optional<String> token, Duration limit) {
    this.token = token;
    this.limit = limit;
    this.channels =
        nodes.stream()
            .map(at -> NettyChannelBuilder.forAddress(at.host(), at.port()).usePlaintext().build())
            .toList();
  }

  /// A channel to a node by chance.
  Channel one(SplittableRandom random) {
    return ClientInterceptors.intercept(
        Bearer.on(channels.get(random.nextInt(channels.size())), token), new Limited(limit));
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
