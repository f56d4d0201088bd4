package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Endpoint;
import io.ringrift.state.v1.ApplyCommandsRequest;
import io.ringrift.state.v1.ApplyCommandsResponse;
import io.ringrift.state.v1.StateServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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
  private Server server;

  @BeforeEach
  void serve() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                new StateServiceGrpc.StateServiceImplBase() {
                  @Override
                  public void applyCommands(
                      ApplyCommandsRequest request, StreamObserver<ApplyCommandsResponse> to) {
                    taken.add(request);
                    to.onNext(ApplyCommandsResponse.getDefaultInstance());
                    to.onCompleted();
                  }
                })
            .build()
            .start();
  }

  @AfterEach
  void end() {
    server.shutdownNow();
  }

  @Test
  void entriesAreWithinTheBoundsAndMoreThanCallForASnapshot() {
    try (var filler = new LogFiller(List.of(Endpoint.parse("127.0.0.1:" + server.getPort())))) {
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
