package io.ringrift.kernel.wire;

import io.grpc.Channel;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.membership.v1.AttachRequest;
import io.ringrift.membership.v1.AttachResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/// The streams that outbound-only nodes opened to this node, and channels over them. Never blocks;
/// safe for any thread.
public final class TunnelHub implements Tunnels, AutoCloseable {
  private static final int MAX_STREAMS = 1000;

  private final Ticker ticker;
  private final Duration silence;
  private final ConcurrentHashMap<NodeId, AttachedStream> streams = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor timer;

  /// @param silence a stream without a frame for this long is given up
  public TunnelHub(Ticker ticker, Duration silence) {
    this.ticker = ticker;
    this.silence = silence;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("tunnel-timer").factory());
    this.timer.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Optional<Channel> to(NodeId node) {
    AttachedStream stream = streams.get(node);
    if (stream == null) {
      return Optional.empty();
    }
    if (stream.silentFor(ticker.now()).compareTo(silence) > 0) {
      stream.end(unreachable(node, "its stream has been silent for too long"));
      return Optional.empty();
    }
    return Optional.of(new TunnelChannel(node, stream, timer));
  }

  @Override
  public void close() {
    for (AttachedStream stream : List.copyOf(streams.values())) {
      stream.end(new Refusal(Reason.SHUTTING_DOWN, "the node that held the stream stops"));
    }
    timer.shutdownNow();
  }

  StreamObserver<AttachRequest> attach(
      MembershipHandler handler, ServerCallStreamObserver<AttachResponse> reply) {
    return new AttachedStream(this, handler, reply, ticker);
  }

  /// Takes the stream of a node that was welcomed. A newer process start supersedes an older one,
  /// whose stream is closed; a start that was superseded does not come back.
  ///
  /// @throws Refusal OVERLOADED at the bound, WRONG_NODE for a superseded start
  void register(NodeId node, BootId boot, AttachedStream stream) {
    if (streams.size() >= MAX_STREAMS && !streams.containsKey(node)) {
      throw new Refusal(Reason.OVERLOADED, MAX_STREAMS + " nodes are attached already");
    }
    AttachedStream before =
        streams
            .compute(
                node,
                (_, present) -> {
                  if (present != null && present.supersedes(boot)) {
                    throw new Refusal(
                        Reason.WRONG_NODE,
                        "a newer process of " + node + " is attached; stop one of the two");
                  }
                  stream.follow(Optional.ofNullable(present));
                  return stream;
                })
            .predecessor();
    if (before != null) {
      before.end(new Refusal(Reason.WRONG_NODE, "a newer stream of " + node + " took over"));
    }
  }

  void unregister(NodeId node, AttachedStream stream) {
    streams.remove(node, stream);
  }

  static Refusal unreachable(NodeId node, String why) {
    return new Refusal(Reason.UNREACHABLE, "outbound-only node " + node + ": " + why);
  }
}
