package io.ringrift.kernel.consensus.raft;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.ledger.v1.RaftCommand;
import io.ringrift.ledger.v1.RaftEntry;
import io.ringrift.ledger.v1.RaftMark;
import io.ringrift.ledger.v1.RaftOpenEpoch;
import io.ringrift.ledger.v1.RaftOutcome;
import io.ringrift.ledger.v1.RaftRelease;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/// Our entries as the bytes that Ratis carries, and back. Ratis brings a protobuf of its own.
final class RaftEntries {
  private RaftEntries() {}

  static RaftEntry command(Epoch epoch, byte[] payload) {
    return RaftEntry.newBuilder()
        .setCommand(
            RaftCommand.newBuilder()
                .setEpoch(epoch.value())
                .setPayload(com.google.protobuf.UnsafeByteOperations.unsafeWrap(payload)))
        .build();
  }

  static RaftEntry openEpoch(NodeId leader, long term, Epoch atLeast) {
    return RaftEntry.newBuilder()
        .setOpenEpoch(
            RaftOpenEpoch.newBuilder()
                .setLeaderId(leader.value())
                .setTerm(term)
                .setAtLeast(atLeast.value()))
        .build();
  }

  static RaftEntry mark(Epoch epoch) {
    return RaftEntry.newBuilder().setMark(RaftMark.newBuilder().setEpoch(epoch.value())).build();
  }

  static RaftEntry release(long term) {
    return RaftEntry.newBuilder().setRelease(RaftRelease.newBuilder().setTerm(term)).build();
  }

  static Message message(com.google.protobuf.MessageLite value) {
    return Message.valueOf(UnsafeByteOperations.unsafeWrap(value.toByteArray()));
  }

  /// @throws IllegalStateException when somebody else wrote into this log
  static RaftEntry parse(ByteString bytes) {
    try {
      return RaftEntry.parseFrom(bytes.asReadOnlyByteBuffer());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the raft log holds an entry that is not ours", e);
    }
  }

  static RaftOutcome outcome(ByteString bytes) {
    try {
      return RaftOutcome.parseFrom(bytes.asReadOnlyByteBuffer());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the machine layer answered something unreadable", e);
    }
  }
}
