package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.ground.Door;
import io.ringrift.chaos.proxy.PlainBytes;
import io.ringrift.kernel.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class OversizedTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir private Path folder;

  /// A voter of Raft that reads so much and is not the one that is meant.
  private static Server voter(int mostBytes) throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress(LOOPBACK, 0))
        .maxInboundMessageSize(mostBytes)
        .fallbackHandlerRegistry(
            new HandlerRegistry() {
              @Override
              public ServerMethodDefinition<?, ?> lookupMethod(
                  String name, @Nullable String authority) {
                return ServerMethodDefinition.create(
                    PlainBytes.method(name),
                    (call, _) -> {
                      call.request(1);
                      return new NotMeant(call);
                    });
              }
            })
        .build()
        .start();
  }

  /// Answers when the message is there.
  private static final class NotMeant extends ServerCall.Listener<byte[]> {
    private final ServerCall<byte[], byte[]> call;

    NotMeant(ServerCall<byte[], byte[]> call) {
      this.call = call;
    }

    @Override
    public void onMessage(byte[] message) {
      call.close(Status.UNAVAILABLE.withDescription("this is n1, not nobody"), new Metadata());
    }
  }

  private QuietGround at(int port) {
    return new QuietGround(folder) {
      @Override
      public Map<Door, Endpoint> doors(String node) {
        return Map.of(Door.RAFT, new Endpoint(LOOPBACK.getHostAddress(), port));
      }
    };
  }

  private List<String> told(int mostBytes) throws IOException {
    Server voter = voter(mostBytes);
    var told = new ArrayList<String>();
    try {
      String effect =
          new Oversized(
                  at(voter.getPort()),
                  (node, kind, detail) -> told.add(node + " " + kind + " " + detail))
              .send(List.of("n1"));
      told.add(effect);
    } finally {
      voter.shutdownNow();
    }
    return told;
  }

  @Test
  void portThatRefusesAndServesOnIsToldAsSuch() throws IOException {
    assertThat(told(8 << 20))
        .hasSize(3)
        .anyMatch(
            t ->
                t.startsWith(
                    "n1 TOO_LONG_REFUSED raft: a gRPC message of 20 MiB: refused, RESOURCE_EX"))
        .anyMatch(t -> t.startsWith("n1 TOO_LONG_REFUSED raft: an HTTP/2 frame of 16 MiB"))
        .last()
        .asString()
        .startsWith("2 of 2 ");
  }

  @Test
  void portThatReadsItAllIsFound() throws IOException {
    assertThat(told(64 << 20))
        .anyMatch(
            t ->
                t.startsWith("n1 " + NodeEvent.TOO_LONG_TAKEN + " raft: a gRPC message of 20 MiB")
                    && t.contains("this is n1"))
        .last()
        .asString()
        .startsWith("1 of 2 ");
  }

  @Test
  void nodeThatIsGoneShowsNothing() throws IOException {
    Server voter = voter(8 << 20);
    var ground = at(voter.getPort());
    voter.shutdownNow();
    assertThat(new Oversized(ground, (_, _, _) -> {}).send(List.of("n1"))).isEmpty();
  }

  @Test
  void connectionThatIsClosedBehindAllOfItShowsNothing() {
    var read = new RawConnection.End(true, true, "");
    assertThat(Oversized.closed(read).kind()).isEqualTo(NodeEvent.TOO_LONG_UNSEEN);
    var refused = new RawConnection.End(true, false, "");
    assertThat(Oversized.closed(refused).kind()).isEqualTo(NodeEvent.TOO_LONG_REFUSED);
  }

  /// What becomes of a kibibyte at a server that does this with each connection.
  private static RawConnection.End end(With with) throws IOException {
    try (var server = new ServerSocket(0, 10, LOOPBACK)) {
      Thread.ofVirtual()
          .start(
              () -> {
                try (Socket socket = server.accept()) {
                  with.the(socket);
                } catch (IOException over) {
                  throw new java.io.UncheckedIOException(over);
                }
              });
      return RawConnection.send(
          new Endpoint(LOOPBACK.getHostAddress(), server.getLocalPort()),
          new byte[1000],
          new byte[24],
          1,
          Duration.ofSeconds(1));
    }
  }

  @FunctionalInterface
  private interface With {
    void the(Socket socket) throws IOException;
  }

  @Test
  void connectionThatIsClosedIsToldFromOneThatIsAnsweredAndFromOneThatStaysOpen()
      throws IOException {
    assertThat(end(socket -> socket.getInputStream().readNBytes(10)).closed()).isTrue();
    var open = end(socket -> socket.getInputStream().readNBytes(2000));
    assertThat(open.closed()).isFalse();
    assertThat(open.whole()).isTrue();
    var answered =
        end(
            socket -> {
              var _ = socket.getInputStream().readNBytes(10);
              socket.getOutputStream().write(Oversized.ascii("HTTP/1.1 413 Too long\r\n\r\n"));
              var _ = socket.getInputStream().readNBytes(2000);
            });
    assertThat(answered.closed()).isFalse();
    assertThat(answered.status()).isEqualTo(413);
  }
}
