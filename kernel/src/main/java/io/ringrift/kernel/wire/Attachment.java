package io.ringrift.kernel.wire;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import io.ringrift.membership.v1.AttachRequest;
import io.ringrift.membership.v1.AttachResponse;
import io.ringrift.membership.v1.MembershipServiceGrpc;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The dialling end: an outbound-only node's stream to one voter, opened again whenever it ends.
/// The stream has no deadline; a silent one is closed. Polls and answers to calls travel on it.
/// `keep` and `poll` are called by one thread; frames come from gRPC.
public final class Attachment {
  private static final int MAX_WAITING = 2048;

  /// Who holds the attachment. Called on gRPC's threads; must not block.
  public interface Owner {
    Intro intro();

    ClusterSettings settings();

    /// @throws Refusal SETTINGS_MISMATCH, which closes the stream
    void welcomed(Welcome welcome);

    void answered(PollAnswer answer);

    /// The stream ended or was refused; it will be opened again.
    void lost(Refusal refusal);
  }

  private final Supplier<Channel> dial;
  private final Supplier<Channel> local;
  private final Owner owner;
  private final Duration retry;
  private final Duration silence;
  private volatile @Nullable Stream stream;
  private Moment nextDial = Moment.MIN;
  private Duration pause;
  private volatile boolean closed;

  /// @param dial channel to the voter
  /// @param local this node's own services
  public Attachment(Supplier<Channel> dial, Supplier<Channel> local, Owner owner, Timing timing) {
    this.dial = dial;
    this.local = local;
    this.owner = owner;
    this.retry = timing.heartbeat();
    this.silence = timing.deadAfter();
    this.pause = retry;
  }

  /// Opens the stream if there is none, closes it when it has been silent for too long.
  public void keep(Moment now) {
    Stream present = stream;
    if (present != null) {
      present.watch(now);
    } else if (!closed && !now.isBefore(nextDial)) {
      nextDial = now.plus(pause);
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(silence) < 0 ? longer : silence;
      var opened = new Stream();
      stream = opened;
      opened.open();
    }
  }

  /// Polls over the stream.
  ///
  /// @return false when there is no stream to carry it
  public boolean poll(PollCall call) {
    Stream present = stream;
    return present != null && present.poll(call);
  }

  public void close() {
    closed = true;
    Stream present = stream;
    if (present != null) {
      present.cancel("the node stops");
    }
  }

  private final class Stream implements ClientResponseObserver<AttachRequest, AttachResponse> {
    private @Nullable ClientCallStreamObserver<AttachRequest> call;
    private @Nullable BoundedStream<AttachRequest> out;
    private @Nullable TunnelServing serving;
    private volatile boolean welcome;
    private volatile boolean heard = true;
    private Moment lastHeard = Moment.MIN;

    void open() {
      var _ = MembershipServiceGrpc.newStub(dial.get()).attach(this);
      var frames = out;
      if (frames != null) {
        var hello = MembershipProtos.hello(owner.intro(), owner.settings());
        var _ = frames.offer(AttachRequest.newBuilder().setHello(hello).build());
      }
    }

    void watch(Moment now) {
      if (heard) {
        heard = false;
        lastHeard = now;
        if (welcome) {
          pause = retry;
        }
      } else if (now.since(lastHeard).compareTo(silence) > 0) {
        cancel("no frame for " + silence);
      }
    }

    boolean poll(PollCall poll) {
      var frames = out;
      return welcome
          && frames != null
          && frames.offer(AttachRequest.newBuilder().setPoll(MembershipProtos.proto(poll)).build());
    }

    void cancel(String why) {
      var present = call;
      if (present != null) {
        present.cancel(why, null);
      }
      ended();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<AttachRequest> started) {
      call = started;
      var frames = new BoundedStream<>(started, MAX_WAITING);
      out = frames;
      serving =
          new TunnelServing(
              local, reply -> frames.offer(AttachRequest.newBuilder().setReply(reply).build()));
      started.setOnReadyHandler(frames::drain);
    }

    @Override
    public void onNext(AttachResponse frame) {
      heard = true;
      try {
        switch (frame.getFrameCase()) {
          case HELLO -> {
            owner.welcomed(MembershipProtos.welcome(frame.getHello()));
            welcome = true;
          }
          case ANSWER -> owner.answered(MembershipProtos.pollAnswer(frame.getAnswer()));
          case CALL -> {
            if (serving != null) {
              serving.called(frame.getCall());
            }
          }
          case FRAME_NOT_SET -> throw Refusal.invalid("frame", "nothing", "a hello or a call");
        }
      } catch (Refusal refusal) {
        owner.lost(refusal);
        cancel(refusal.text());
      }
    }

    @Override
    public void onError(Throwable cause) {
      StatusRuntimeException failure =
          cause instanceof StatusRuntimeException status
              ? status
              : Status.fromThrowable(cause).asRuntimeException();
      if (ended()) {
        owner.lost(Errors.fromStatus(failure));
      }
    }

    @Override
    public void onCompleted() {
      var _ = ended();
    }

    /// Ends the calls that came by this stream.
    ///
    /// @return true when the stream was the present one
    private boolean ended() {
      var frames = out;
      if (frames != null) {
        frames.abandon();
      }
      if (serving != null) {
        serving.close();
      }
      boolean present = stream == this;
      if (present) {
        stream = null;
      }
      return present;
    }
  }
}
