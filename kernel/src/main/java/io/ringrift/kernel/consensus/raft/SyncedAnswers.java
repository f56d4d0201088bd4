package io.ringrift.kernel.consensus.raft;

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
  private volatile boolean closed;

  /// @param synced last index whose entry is on the disk; any thread
  SyncedAnswers(ServerCall<Q, R> call, LongSupplier synced) {
    super(call);
    this.synced = synced;
  }

  @Override
  public void sendMessage(R message) {
    if (message instanceof AppendEntriesReplyProto reply && !isSynced(reply)) {
      var status = Status.UNAVAILABLE.withDescription("entry is not synced; ask again");
      close(status, new Metadata());
    } else if (!closed) {
      super.sendMessage(message);
    }
  }

  private boolean isSynced(AppendEntriesReplyProto reply) {
    return reply.getResult() != AppendResult.SUCCESS || reply.getMatchIndex() <= synced.getAsLong();
  }

  /// Ratis may end a call that was ended here.
  @Override
  public void close(Status status, Metadata trailers) {
    if (!closed) {
      closed = true;
      super.close(status, trailers);
    }
  }
}
