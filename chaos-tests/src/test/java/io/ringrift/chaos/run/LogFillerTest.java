package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.ApplyCommandsRequest;
import io.ringrift.state.v1.ApplyCommandsResponse;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.StateServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is put into a log to make it heavy fits the bounds of the nodes, and ends.
@Timeout(60)
final class LogFillerTest {
  /// Of a node with the heap of the suite: snapshots come at this.
  private static final long HEAVY = 2 * (192L << 20) / 16;

  private static final int LARGEST_EVENT = 8 << 10;
  private static final int LARGEST_ENTRY = 768 << 10;

  private final List<ApplyCommandsRequest> taken = new CopyOnWriteArrayList<>();
  private Server leader;
  private Server follower;

  @BeforeEach
  void serve() throws IOException {
    leader = serve(ApplyCommandsResponse.getDefaultInstance(), taken::add);
    var refused = CommandResult.newBuilder().setReason(Reason.NOT_LEADER.name());
    follower = serve(ApplyCommandsResponse.newBuilder().addResults(refused).build(), _ -> {});
  }

  private static Server serve(ApplyCommandsResponse answer, Consumer<ApplyCommandsRequest> asked)
      throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .addService(
            new StateServiceGrpc.StateServiceImplBase() {
              @Override
              public void applyCommands(
                  ApplyCommandsRequest request, StreamObserver<ApplyCommandsResponse> to) {
                asked.accept(request);
                to.onNext(answer);
                to.onCompleted();
              }
            })
        .build()
        .start();
  }

  @AfterEach
  void end() {
    leader.shutdownNow();
    follower.shutdownNow();
  }

  private static Endpoint at(Server server) {
    return Endpoint.parse("127.0.0.1:" + server.getPort());
  }

  @Test
  void aReasonThatIsUnknownHereIsARefusalLikeAnyOther() throws IOException {
    var refused = CommandResult.newBuilder().setReason("LATER_REASON").setMessage("not now");
    Server later = serve(ApplyCommandsResponse.newBuilder().addResults(refused).build(), _ -> {});
    try (var filler = new LogFiller(List.of(at(later), at(leader)))) {
      filler.add();
    } finally {
      later.shutdownNow();
    }
    assertThat(taken).as("a bad request is not asked of another").isEmpty();
  }

  /// A follower refuses each command of a call that it answers.
  @Test
  void whoeverLeadsGetsEntriesWithinTheBoundsAndMoreThanCallForASnapshot() {
    try (var filler = new LogFiller(List.of(at(follower), at(leader)))) {
      for (int i = 0; i < 200; i++) {
        filler.add();
      }
    }
    assertThat(taken).hasSizeLessThan(200);
    assertThat(taken.stream().mapToLong(ApplyCommandsRequest::getSerializedSize).sum())
        .isGreaterThan(HEAVY);
    assertThat(taken.getFirst().getSerializedSize()).isLessThan(LARGEST_ENTRY);
    assertThat(taken.getFirst().getCommandsList())
        .allMatch(command -> command.getRecordEvent().getSerializedSize() <= LARGEST_EVENT);
  }
}
