package io.ringrift.kernel.consensus.raft;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.Status;

/// What a voter says to have taken is on its disk. Ratis answers at once where all entries of an
/// append are known to it, though they may still be written: so it is when they come again over
/// another connection. Such an answer is not given, and the leader asks again.
final class SyncedAnswers<Q, R> extends SimpleForwardingServerCall<Q, R> {
  private final LongSupplier synced;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// @param synced last index whose entry is on the disk; any thread
  SyncedAnswers(ServerCall<Q, R> call, LongSupplier synced) {
    super(call);
    this.synced = synced;
  }

  @Override
  public void sendMessage(R message) {
    if (message instanceof AppendEntriesReplyProto reply && !isSynced(reply)) {
      String why = "entry " + reply.getMatchIndex() + " is not on this voter's disk yet; ask again";
      close(Status.UNAVAILABLE.withDescription(why), new Metadata());
    } else if (!closed.get()) {
      super.sendMessage(message);
    }
  }

  private boolean isSynced(AppendEntriesReplyProto reply) {
    return reply.getResult() != AppendResult.SUCCESS || reply.getMatchIndex() <= synced.getAsLong();
  }

  /// Ratis may end a call that was ended here, from another thread.
  @Override
  public void close(Status status, Metadata trailers) {
    if (closed.compareAndSet(false, true)) {
      super.close(status, trailers);
    }
  }
}
