package io.ringrift.kernel.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.bully.Message;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.ledger.v1.ExchangeRequest;
import io.ringrift.ledger.v1.InstallSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ReplicaProtosTest {
  private static final Epoch E = new Epoch(7);

  private static LogPosition at(long epoch, long index) {
    return new LogPosition(new Epoch(epoch), index);
  }

  private static LogEntry entry(long epoch, long index) {
    return new LogEntry(at(epoch, index), LogEntry.Kind.COMMAND, "x".getBytes(UTF_8));
  }

  static Stream<Message> messages() {
    var opening = new LogEntry(at(7, 5), LogEntry.Kind.OPEN_EPOCH, "n1".getBytes(UTF_8));
    return Stream.of(
        new Message.PreVote(E, 3, -2, Duration.ofMillis(2500)),
        new Message.PreVoteReply(E, 3, true, false, new Epoch(6)),
        new Message.LeaseRequest(E, 3, 9, Duration.ofSeconds(30)),
        new Message.LeaseGrant(E, 3, at(6, 40)),
        new Message.LeaseDenial(E, 3, new Epoch(8)),
        new Message.LeaseRelease(E, Optional.of(new NodeId("n2"))),
        new Message.LeaseRelease(E, Optional.empty()),
        new Message.Append(E, 11, at(6, 4), List.of(opening, entry(7, 6)), 4),
        new Message.Append(E, 12, LogPosition.START, List.of(), 0),
        new Message.AppendReply(E, 11, false, 3),
        new Message.FetchTail(E, at(6, 4)),
        new Message.Tail(E, true, at(6, 4), List.of(opening), at(7, 5)));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void everyMessageComesBackAsItWas(Message message) {
    assertThat(ReplicaProtos.decode(ReplicaProtos.encode(message).build())).isEqualTo(message);
  }

  private static void invalid(ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.INVALID_ARGUMENT))
        .hasMessageContainingAll(words);
  }

  @Test
  void anEmptyExchangeIsRefused() {
    invalid(() -> ReplicaProtos.decode(ExchangeRequest.getDefaultInstance()), "message");
  }

  @Test
  void entriesWithAGapAreRefused() {
    var gap = new Message.Append(E, 1, at(6, 4), List.of(entry(7, 6)), 0);
    invalid(() -> ReplicaProtos.decode(ReplicaProtos.encode(gap).build()), "append.entries");
  }

  @Test
  void aNegativeEpochIsRefused() {
    var request = ExchangeRequest.newBuilder();
    request.getPreVoteBuilder().setEpoch(-1);
    invalid(() -> ReplicaProtos.decode(request.build()), "epoch");
  }

  private static InstallSnapshot chunk(ExchangeRequest.Builder chunk) {
    return chunk.getInstallSnapshot();
  }

  @Test
  void aSnapshotIsPutTogetherFromItsChunks() {
    byte[] data = new byte[SnapshotChunks.CHUNK_BYTES * 2 + 17];
    data[data.length - 1] = 9;
    var chunks = SnapshotChunks.split(new Message.InstallSnapshot(E, at(6, 4), data));
    assertThat(chunks).hasSize(3);
    var receiver = new SnapshotChunks();
    assertThat(receiver.add(chunk(chunks.get(0)))).isEmpty();
    assertThat(receiver.add(chunk(chunks.get(1)))).isEmpty();
    var whole = receiver.add(chunk(chunks.get(2))).orElseThrow();
    assertThat(whole.position()).isEqualTo(at(6, 4));
    assertThat(whole.data()).isEqualTo(data);
  }

  @Test
  void anEmptySnapshotIsOneChunk() {
    var chunks = SnapshotChunks.split(new Message.InstallSnapshot(E, at(6, 4), new byte[0]));
    assertThat(new SnapshotChunks().add(chunk(chunks.getFirst()))).isPresent();
  }

  @Test
  void aSnapshotWithAMissingChunkIsDropped() {
    byte[] data = new byte[SnapshotChunks.CHUNK_BYTES * 2 + 17];
    var chunks = SnapshotChunks.split(new Message.InstallSnapshot(E, at(6, 4), data));
    var receiver = new SnapshotChunks();
    assertThat(receiver.add(chunk(chunks.get(0)))).isEmpty();
    assertThat(receiver.add(chunk(chunks.get(2)))).isEmpty();
    assertThat(receiver.add(chunk(chunks.get(1)))).isEmpty();
  }
}
