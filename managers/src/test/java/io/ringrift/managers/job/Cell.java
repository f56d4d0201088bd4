package io.ringrift.managers.job;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.managers.Services;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/// Nodes in one process: services by node over in-process transport, with the real error edge.
final class Cell implements AutoCloseable {
  private final Map<NodeId, Channel> channels = new ConcurrentHashMap<>();
  private final List<Runnable> open = new ArrayList<>();
  private volatile Optional<NodeId> leader = Optional.empty();

  void serve(NodeId node, List<? extends BindableService> services) {
    String name = UUID.randomUUID().toString();
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    var builder = InProcessServerBuilder.forName(name).executor(threads);
    services.forEach(builder::addService);
    try {
      Server server = builder.intercept(new ErrorMapping()).build().start();
      ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
      open.add(threads::shutdownNow);
      open.add(server::shutdownNow);
      open.add(channel::shutdownNow);
      channels.put(node, channel);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  void lead(NodeId node) {
    leader = Optional.of(node);
  }

  void cut(NodeId node) {
    channels.remove(node);
  }

  Services of(NodeId self) {
    return new Services() {
      @Override
      public NodeId self() {
        return self;
      }

      @Override
      public Channel local() {
        return on(self);
      }

      @Override
      public Channel on(NodeId node) {
        Channel channel = channels.get(node);
        if (channel == null) {
          throw new Refusal(Reason.UNREACHABLE, node + " cannot be reached");
        }
        return channel;
      }

      @Override
      public Channel onLeader() {
        return on(leader.orElseThrow(() -> new Refusal(Reason.NO_QUORUM, "nobody leads")));
      }
    };
  }

  @Override
  public void close() {
    open.reversed().forEach(Runnable::run);
  }
}
