package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A voter whose others take its connections and never answer, as behind a link that swallows
/// everything.
@Timeout(120)
final class RedialTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int DIALS = 5;

  @TempDir private Path root;

  /// Takes connections until it is closed.
  private static final class Silent implements AutoCloseable {
    final List<Socket> taken = new CopyOnWriteArrayList<>();
    private final ServerSocket port;

    Silent(Endpoint at) throws IOException {
      port = new ServerSocket(at.port(), 50, InetAddress.getByName(at.host()));
      Thread.ofVirtual().start(this::take);
    }

    private void take() {
      try {
        while (true) {
          taken.add(port.accept());
        }
      } catch (IOException closed) {
        // The end of the test.
      }
    }

    @Override
    public void close() throws IOException {
      port.close();
      for (Socket socket : taken) {
        socket.close();
      }
    }
  }

  /// What closes a connection waits for what is under way on it. Held up by that, the voter would
  /// withdraw from leading when the links are whole again.
  @Test
  void connectionsThatAreReplacedDoNotHoldUpTheVoter() throws IOException {
    try (var trio = new RaftTrio(root, 1000);
        var second = new Silent(trio.address(2));
        var third = new Silent(trio.address(3))) {
      var _ = trio.start(1);
      await()
          .atMost(PATIENCE)
          .until(() -> second.taken.size() >= DIALS && third.taken.size() >= DIALS);
      // Each of the three before the last would have been told; the machine may hold up one turn.
      assertThat(trio.stalls(1)).isLessThanOrEqualTo(1);
    }
  }
}
