package io.ringrift.kernel.wire;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.membership.v1.AttachRequest;
import io.ringrift.membership.v1.AttachResponse;
import io.ringrift.membership.v1.TunnelCall;
import io.ringrift.membership.v1.TunnelReply;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The serving end of one stream that an outbound-only node opened: answers its polls, carries
/// calls to it and takes its replies. Frames come serially from gRPC; calls come from any thread.
final class AttachedStream implements StreamObserver<AttachRequest> {
  static final int MAX_CALLS = 64;
  private static final int MAX_WAITING = 256;

  private final TunnelHub hub;
  private final MembershipHandler handler;
  private final Ticker ticker;
  private final BoundedStream<AttachResponse> out;
  private final ConcurrentHashMap<Long, TunnelledCall<?, ?>> calls = new ConcurrentHashMap<>();
  private final AtomicLong lastCallId = new AtomicLong();
  private volatile Moment lastFrame;
  private volatile @Nullable Intro peer;
  private volatile boolean ended;

  /// The stream that this one took over from, until it is closed.
  private volatile @Nullable AttachedStream predecessor;

  private volatile @Nullable BootId supersededBoot;

  AttachedStream(
      TunnelHub hub,
      MembershipHandler handler,
      ServerCallStreamObserver<AttachResponse> reply,
      Ticker ticker) {
    this.hub = hub;
    this.handler = handler;
    this.ticker = ticker;
    this.out = new BoundedStream<>(reply, MAX_WAITING);
    this.lastFrame = ticker.now();
    reply.setOnReadyHandler(out::drain);
    reply.setOnCancelHandler(this::cancelled);
  }

  @Override
  public void onNext(AttachRequest frame) {
    lastFrame = ticker.now();
    try {
      switch (frame.getFrameCase()) {
        case HELLO ->
            hello(
                MembershipProtos.intro(frame.getHello().getIntro()),
                MembershipProtos.settings(frame.getHello().getSettings()));
        case POLL -> poll(MembershipProtos.pollCall(frame.getPoll()));
        case REPLY -> reply(frame.getReply());
        case FRAME_NOT_SET ->
            throw Refusal.invalid("frame", "nothing", "a hello, then polls and replies");
      }
    } catch (Refusal refusal) {
      end(refusal);
    }
  }

  @Override
  public void onError(Throwable cause) {
    cancelled();
  }

  @Override
  public void onCompleted() {
    gone();
    out.complete();
  }

  Duration silentFor(Moment now) {
    return now.since(lastFrame);
  }

  boolean supersedes(BootId boot) {
    return boot.equals(supersededBoot);
  }

  void follow(Optional<AttachedStream> present) {
    predecessor = present.orElse(null);
    Intro mine = peer;
    present
        .flatMap(before -> Optional.ofNullable(before.peer))
        .filter(theirs -> mine != null && !theirs.boot().equals(mine.boot()))
        .ifPresent(theirs -> supersededBoot = theirs.boot());
  }

  @Nullable AttachedStream predecessor() {
    AttachedStream before = predecessor;
    predecessor = null;
    return before;
  }

  /// Closes the stream and fails its calls.
  void end(Refusal cause) {
    gone();
    out.fail(Errors.toStatus(cause));
  }

  /// Sends a call.
  ///
  /// @return its number on this stream
  /// @throws Refusal OVERLOADED at the bound, UNREACHABLE when the stream has ended
  long open(TunnelledCall<?, ?> call, TunnelCall.Builder frame) {
    if (calls.size() >= MAX_CALLS) {
      throw new Refusal(Reason.OVERLOADED, MAX_CALLS + " calls are on this stream already");
    }
    long id = lastCallId.incrementAndGet();
    calls.put(id, call);
    if (ended || !send(frame.setCallId(id).build())) {
      calls.remove(id);
      throw new Refusal(Reason.UNREACHABLE, "the stream of the outbound-only node has ended");
    }
    return id;
  }

  void addCredit(long id, int credit) {
    var _ = send(TunnelCall.newBuilder().setCallId(id).setCredit(credit).build());
  }

  /// The caller no longer waits.
  void cancel(long id) {
    if (calls.remove(id) != null) {
      var _ = send(TunnelCall.newBuilder().setCallId(id).setCancel(true).build());
    }
  }

  private boolean send(TunnelCall call) {
    return out.offer(AttachResponse.newBuilder().setCall(call).build());
  }

  private void hello(Intro intro, ClusterSettings settings) {
    if (peer != null) {
      throw Refusal.invalid("frame", "hello", "a poll or a reply: hello comes first and once");
    }
    if (!intro.outboundOnly()) {
      throw Refusal.invalid("outbound_only", "false", "true: nodes that listen are dialled");
    }
    handler.hello(intro, settings, welcome -> welcomed(intro, welcome));
  }

  private void welcomed(Intro intro, Welcome welcome) {
    peer = intro;
    try {
      hub.register(intro.id(), intro.boot(), this);
    } catch (Refusal refusal) {
      end(refusal);
      return;
    }
    if (ended) {
      hub.unregister(intro.id(), this);
    }
    var _ =
        out.offer(AttachResponse.newBuilder().setHello(MembershipProtos.proto(welcome)).build());
  }

  private void poll(PollCall call) {
    Intro attached = peer;
    if (attached == null || !attached.id().equals(call.intro().id())) {
      throw Refusal.invalid(
          "frame", "poll of " + call.intro().id(), "of the node that said hello on this stream");
    }
    handler.poll(
        call,
        answer -> {
          var _ =
              out.offer(
                  AttachResponse.newBuilder().setAnswer(MembershipProtos.proto(answer)).build());
        });
  }

  private void reply(TunnelReply reply) {
    // a reply to a call that was cancelled meanwhile finds nobody
    TunnelledCall<?, ?> call =
        reply.hasStatusCode() ? calls.remove(reply.getCallId()) : calls.get(reply.getCallId());
    if (call != null) {
      call.replied(reply);
    }
  }

  private void cancelled() {
    gone();
    out.abandon();
  }

  private void gone() {
    ended = true;
    Intro attached = peer;
    if (attached != null) {
      NodeId id = attached.id();
      hub.unregister(id, this);
      for (Long callId : List.copyOf(calls.keySet())) {
        TunnelledCall<?, ?> call = calls.remove(callId);
        if (call != null) {
          call.failed(TunnelHub.unreachable(id, "its stream ended during the call"));
        }
      }
    }
  }
}
