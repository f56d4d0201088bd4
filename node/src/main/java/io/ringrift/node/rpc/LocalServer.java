package io.ringrift.node.rpc;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerInterceptors;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.kernel.wire.NonBlocking;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// This node's services for itself, without a socket. Handlers run on virtual threads. The channel
/// may be had before the services are known; calls before `serve` fail as UNAVAILABLE.
public final class LocalServer implements AutoCloseable {
  private static final AtomicLong NAMES = new AtomicLong();

  private final String name;
  private final ExecutorService handlers;
  private final ManagedChannel channel;
  private volatile @Nullable Server server;

  /// @param node for the threads' names; several nodes may live in one JVM
  public LocalServer(String node) {
    this.name = node + "-" + NAMES.incrementAndGet();
    this.handlers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("local-" + node).factory());
    this.channel = InProcessChannelBuilder.forName(name).executor(handlers).build();
  }

  /// The channel without default deadlines.
  public ManagedChannel channel() {
    return channel;
  }

  /// Begins to serve; called once.
  public void serve(List<BindableService> services) {
    var quick = services.stream().flatMap(s -> NonBlocking.methods(s).stream()).toList();
    var builder =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .callExecutor(executors(Set.copyOf(quick)));
    var mapping = new ErrorMapping();
    services.forEach(s -> builder.addService(ServerInterceptors.intercept(s, mapping)));
    try {
      server = builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException("in-process server " + name, e);
    }
  }

  /// Handlers that do not block run on their caller's thread: the look-up of the method does, and
  /// no executor comes behind it.
  private ServerCallExecutorSupplier executors(Set<String> quick) {
    return new ServerCallExecutorSupplier() {
      @Override
      public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
        return quick.contains(call.getMethodDescriptor().getFullMethodName())
            ? Runnable::run
            : handlers;
      }
    };
  }

  /// Ends calls in progress within about a second.
  @Override
  public void close() {
    channel.shutdownNow();
    Server running = server;
    if (running != null) {
      running.shutdownNow();
      try {
        running.awaitTermination(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    handlers.shutdownNow();
  }
}
