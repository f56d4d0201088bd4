package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.ringrift.state.v1.SaveSnapshotResponse;
import io.ringrift.state.v1.SnapshotInfo;

/// Sends one snapshot no faster than its reader takes it: what it is first, then its bytes.
final class SnapshotSender {
  /// Version of the file that is made of it.
  static final int VERSION = 1;

  private static final int CHUNK = RestoreArea.MOST_CHUNK_BYTES;

  private final ServerCallStreamObserver<SaveSnapshotResponse> call;
  private final SnapshotInfo info;
  private final ByteString packed;
  private final Pump pump = new Pump(this::send);
  private int sent = -1;

  SnapshotSender(
      ServerCallStreamObserver<SaveSnapshotResponse> call, SnapshotInfo info, ByteString packed) {
    this.call = call;
    this.info = info;
    this.packed = packed;
  }

  /// Sends a state as of now.
  static SnapshotSender of(
      ServerCallStreamObserver<SaveSnapshotResponse> call,
      ClusterStore.Export export,
      Timestamp now) {
    ByteString packed = StateImage.pack(export.snapshot());
    return new SnapshotSender(call, info(export, packed, now), packed);
  }

  static SnapshotInfo info(ClusterStore.Export export, ByteString packed, Timestamp now) {
    return SnapshotInfo.newBuilder()
        .setVersion(VERSION)
        .setEpoch(export.epoch().value())
        .setEntryEpoch(export.position().epoch().value())
        .setIndex(export.position().index())
        .setStateHash(export.stateHash())
        .setCreateTime(now)
        .setBytes(packed.size())
        .setSha256(RestoreArea.sha256(packed))
        .build();
  }

  void start() {
    call.setOnReadyHandler(pump::wake);
    pump.wake();
  }

  /// Runs on the pump's thread only, so that calls of the observer never overlap.
  private void send() {
    try {
      while (sent < packed.size() && call.isReady() && !call.isCancelled()) {
        call.onNext(next());
        if (sent == packed.size()) {
          call.onCompleted();
        }
      }
    } catch (StatusRuntimeException e) {
      // The reader left between the check and the send.
      sent = packed.size();
    }
  }

  private SaveSnapshotResponse next() {
    if (sent < 0) {
      sent = 0;
      return SaveSnapshotResponse.newBuilder().setInfo(info).build();
    }
    int end = Math.min(packed.size(), sent + CHUNK);
    var part = SaveSnapshotResponse.newBuilder().setData(packed.substring(sent, end)).build();
    sent = end;
    return part;
  }
}
