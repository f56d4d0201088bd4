package io.ringrift.benchmarks;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;
import org.jspecify.annotations.Nullable;

/// What Apache Ratis does by itself on this machine: one server of a group whose state machine does
/// nothing, behind unary gRPC calls of plain bytes. Each synchronises its log before it answers.
/// The same process answers an echo, which passes no consensus at all. Ends with its input.
public final class RatisAlone {
  static final MethodDescriptor<byte[], byte[]> WRITE = Calls.bytes("limits.Ratis/Write");
  static final MethodDescriptor<byte[], byte[]> LEADS = Calls.bytes("limits.Ratis/Leads");
  static final MethodDescriptor<byte[], byte[]> ECHO = Calls.bytes("limits.Ratis/Echo");

  private static final String LOOPBACK = "127.0.0.1";
  private static final RaftGroupId GROUP = RaftGroupId.valueOf(new UUID(0, 1));
  private static final SizeInBytes SEGMENT = SizeInBytes.valueOf(8L << 20);
  private static final TimeDuration REMEMBERED = TimeDuration.valueOf(5, TimeUnit.SECONDS);

  /// Executes nothing, and says how far it is.
  private static final class Nothing extends BaseStateMachine {
    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
      LogEntryProto entry = transaction.getLogEntry();
      updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
      return CompletableFuture.completedFuture(Message.EMPTY);
    }
  }

  private final RaftPeerId self;
  private final RaftServer raft;
  private final ClientId client = ClientId.randomId();
  private final AtomicLong calls = new AtomicLong();

  private RatisAlone(Path folder, int index, List<Integer> raftPorts) throws IOException {
    self = peer(index);
    var peers =
        IntStream.range(0, raftPorts.size())
            .mapToObj(
                i ->
                    RaftPeer.newBuilder()
                        .setId(peer(i))
                        .setAddress(LOOPBACK + ":" + raftPorts.get(i))
                        .build())
            .toList();
    raft =
        RaftServer.newBuilder()
            .setServerId(self)
            .setGroup(RaftGroup.valueOf(GROUP, peers))
            .setStateMachine(new Nothing())
            .setProperties(properties(folder, raftPorts.get(index)))
            .build();
  }

  /// @param arguments folder, number of this server, its port for calls, all ports of Raft
  public static void main(String[] arguments) throws IOException {
    var ports = List.of(arguments).subList(3, arguments.length).stream().map(Integer::valueOf);
    var alone =
        new RatisAlone(Path.of(arguments[0]), Integer.parseInt(arguments[1]), ports.toList());
    alone.raft.start();
    alone.serve(Integer.parseInt(arguments[2])).start();
    System.in.transferTo(OutputStream.nullOutputStream());
    System.exit(0);
  }

  private static RaftPeerId peer(int index) {
    return RaftPeerId.valueOf("r" + index);
  }

  /// What can wait is small for a heap as small as a node's; the rest is Ratis' own, but for the
  /// pause between two messages to a follower, which would bound the rate.
  private static RaftProperties properties(Path folder, int port) {
    var properties = new RaftProperties();
    RaftServerConfigKeys.setStorageDir(properties, List.of(folder.toFile()));
    GrpcConfigKeys.Server.setHost(properties, LOOPBACK);
    GrpcConfigKeys.Server.setPort(properties, port);
    Log.setSegmentSizeMax(properties, SEGMENT);
    Log.setSegmentCacheNumMax(properties, 2);
    Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf(2 * SEGMENT.getSize()));
    Log.Appender.setWaitTimeMin(properties, TimeDuration.ZERO);
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, REMEMBERED);
    return properties;
  }

  private Server serve(int port) {
    var service =
        ServerServiceDefinition.builder("limits.Ratis")
            .addMethod(WRITE, ServerCalls.asyncUnaryCall(this::write))
            .addMethod(LEADS, ServerCalls.asyncUnaryCall((_, answer) -> leads(answer)))
            .addMethod(ECHO, ServerCalls.asyncUnaryCall(RatisAlone::answer))
            .build();
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return NettyServerBuilder.forAddress(address).directExecutor().addService(service).build();
  }

  private void write(byte[] value, StreamObserver<byte[]> answer) {
    var request =
        RaftClientRequest.newBuilder()
            .setClientId(client)
            .setServerId(self)
            .setGroupId(GROUP)
            .setCallId(calls.incrementAndGet())
            .setMessage(Message.valueOf(UnsafeByteOperations.unsafeWrap(value)))
            .setType(RaftClientRequest.writeRequestType())
            .build();
    try {
      var _ = raft.submitClientRequestAsync(request).whenComplete((r, e) -> end(r, e, answer));
    } catch (IOException e) {
      answer.onError(e);
    }
  }

  private static void end(
      @Nullable RaftClientReply reply, @Nullable Throwable failure, StreamObserver<byte[]> answer) {
    if (reply != null && reply.isSuccess()) {
      answer(new byte[0], answer);
    } else {
      answer.onError(failure == null && reply != null ? reply.getException() : failure);
    }
  }

  /// One byte when this server leads and may answer, none when not.
  private void leads(StreamObserver<byte[]> answer) {
    try {
      answer(new byte[raft.getDivision(GROUP).getInfo().isLeaderReady() ? 1 : 0], answer);
    } catch (IOException e) {
      answer.onError(e);
    }
  }

  private static void answer(byte[] value, StreamObserver<byte[]> answer) {
    answer.onNext(value);
    answer.onCompleted();
  }
}
