package io.ringrift.node.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// A connection to a cluster through any of its nodes. Follows a NOT_LEADER answer to the leader,
/// and repeats a call through a failover until its time is over: reads are harmless to repeat, and
/// every write has to carry a request id. Asks the next address at once and rests only when all
/// were asked in vain, longer each time. One thread.
public final class ClusterClient implements AutoCloseable {
  static final Duration FIRST_REST = Duration.ofMillis(10);
  static final Duration LONGEST_REST = Duration.ofMillis(50);

  /// States of a cluster that pass by themselves.
  private static final Set<Reason> PASSING =
      Set.of(
          Reason.NOT_LEADER,
          Reason.NO_QUORUM,
          Reason.MODE_SWITCH,
          Reason.OUTCOME_UNKNOWN,
          Reason.UNREACHABLE,
          Reason.STALE_EPOCH,
          Reason.SHUTTING_DOWN);

  /// Those of them in which a node has done nothing.
  private static final Set<Reason> UNTOUCHED =
      Set.of(Reason.NOT_LEADER, Reason.NO_QUORUM, Reason.MODE_SWITCH, Reason.STALE_EPOCH);

  private final List<Endpoint> addresses;
  private final Optional<String> token;
  private final Duration timeout;
  private final Consumer<Duration> rests;
  private final Map<Endpoint, ManagedChannel> channels = new HashMap<>();
  private int preferred;

  public ClusterClient(List<Endpoint> addresses, Optional<String> token, Duration timeout) {
    this(addresses, token, timeout, rest -> LockSupport.parkNanos(rest.toNanos()));
  }

  /// @param rests waits that long
  ClusterClient(
      List<Endpoint> addresses,
      Optional<String> token,
      Duration timeout,
      Consumer<Duration> rests) {
    this.addresses = addresses;
    this.token = token;
    this.timeout = timeout;
    this.rests = rests;
  }

  public Duration timeout() {
    return timeout;
  }

  /// Makes a call on the first address that answers, or on the leader that it names.
  ///
  /// @throws Refusal when the cluster refuses, or UNREACHABLE when time is over
  public <T> T call(Function<Channel, T> call) {
    return call(call, refusal -> PASSING.contains(refusal.reason()));
  }

  /// As `call`, for what must not be done twice and has no request id, such as a step-down, which a
  /// second time would strike the next leader: asks on only while nothing was done, because no node
  /// took the connection or one refused.
  ///
  /// @throws Refusal also UNREACHABLE, SHUTTING_DOWN or OUTCOME_UNKNOWN when it may have been done
  public <T> T callOnce(Function<Channel, T> call) {
    return call(call, refusal -> unsent(refusal) || UNTOUCHED.contains(refusal.reason()));
  }

  private <T> T call(Function<Channel, T> call, Predicate<Refusal> again) {
    long end = System.nanoTime() + timeout.toNanos();
    var asked = new HashSet<Endpoint>();
    Endpoint target = addresses.get(preferred);
    Duration rest = FIRST_REST;
    while (true) {
      try {
        return call.apply(channel(target));
      } catch (StatusRuntimeException e) {
        Refusal refusal = told(e, target);
        Optional<Endpoint> hint = leaderHint(refusal);
        if (!again.test(refusal)) {
          if (refusal.reason() == Reason.DEADLINE_EXCEEDED) {
            // It may hang with its connections open: whatever is asked next is asked elsewhere.
            var _ = another(Set.of(target));
          }
          throw left(refusal, target);
        }
        if (System.nanoTime() > end) {
          throw located(refusal, target);
        }
        asked.add(target);
        Optional<Endpoint> next = hint.filter(h -> !asked.contains(h)).or(() -> another(asked));
        if (next.isEmpty()) {
          asked.clear();
          rests.accept(rest);
          rest = longer(rest);
        }
        target = next.orElseGet(() -> addresses.get(preferred));
      }
    }
  }

  /// gRPC tells of a deadline too when no connection came about in time, and nobody was asked. The
  /// deadline may be the call's own, and a call may still be on a connection that the node closes.
  private Refusal told(StatusRuntimeException failure, Endpoint target) {
    Refusal refusal = Errors.fromStatus(failure);
    ManagedChannel channel = channels.get(target);
    boolean connected = channel != null && channel.getState(false) == ConnectivityState.READY;
    return refusal.reason() != Reason.DEADLINE_EXCEEDED || connected
        ? refusal
        : new Refusal(Reason.UNREACHABLE, "no answer in time, and no connection", failure);
  }

  /// Whether there was no connection to send the call on.
  private static boolean unsent(Refusal refusal) {
    return Stream.iterate(refusal.getCause(), Objects::nonNull, Throwable::getCause)
        .anyMatch(
            cause ->
                cause instanceof ConnectException
                    || cause instanceof NoRouteToHostException
                    || cause instanceof UnknownHostException);
  }

  /// The next address that was not asked since the last rest.
  private Optional<Endpoint> another(Set<Endpoint> asked) {
    preferred = (preferred + 1) % addresses.size();
    for (int i = 0; i < addresses.size() && asked.contains(addresses.get(preferred)); i++) {
      preferred = (preferred + 1) % addresses.size();
    }
    return Optional.of(addresses.get(preferred)).filter(next -> !asked.contains(next));
  }

  private static Duration longer(Duration rest) {
    Duration next = rest.multipliedBy(2);
    return next.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : next;
  }

  /// A channel to the first address, for streams.
  public Channel channel() {
    return channel(addresses.get(preferred));
  }

  private static Optional<Endpoint> leaderHint(Refusal refusal) {
    if (refusal.reason() != Reason.NOT_LEADER) {
      return Optional.empty();
    }
    return Optional.ofNullable(refusal.details().get("leader_address"))
        .filter(text -> !text.isEmpty())
        .map(Endpoint::parse);
  }

  private static Refusal left(Refusal refusal, Endpoint target) {
    return refusal.reason() == Reason.UNREACHABLE
        ? new Refusal(
            Reason.UNREACHABLE,
            target + ": " + refusal.text() + " (not repeated: look first whether it was done)",
            refusal)
        : refusal;
  }

  private static Refusal located(Refusal refusal, Endpoint target) {
    if (refusal.reason() != Reason.UNREACHABLE) {
      return refusal;
    }
    return new Refusal(
        Reason.UNREACHABLE,
        "no node answers at "
            + target
            + " ("
            + refusal.text()
            + "); start one with \"ringrift node\", or name another with --address",
        refusal);
  }

  private Channel channel(Endpoint endpoint) {
    ManagedChannel channel =
        channels.computeIfAbsent(
            endpoint,
            e ->
                NettyChannelBuilder.forAddress(e.host(), e.port())
                    .usePlaintext()
                    .maxInboundMessageSize(16 << 20)
                    .build());
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      // gRPC's own pauses grow to two minutes: a node that came back would stay unknown so long.
      channel.resetConnectBackoff();
    }
    return ClientInterceptors.intercept(channel, new CallDefaults(token, timeout));
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }

  /// Adds the token and, to unary calls, a deadline.
  private record CallDefaults(Optional<String> token, Duration timeout)
      implements ClientInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      boolean unary = method.getType() == MethodDescriptor.MethodType.UNARY;
      CallOptions timed =
          unary && options.getDeadline() == null
              ? options.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
              : options;
      return new SimpleForwardingClientCall<>(next.newCall(method, timed)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          token.ifPresent(t -> headers.put(AUTHORIZATION, "Bearer " + t));
          super.start(listener, headers);
        }
      };
    }
  }
}
