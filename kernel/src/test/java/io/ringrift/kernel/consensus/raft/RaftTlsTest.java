package io.ringrift.kernel.consensus.raft;

import static io.ringrift.kernel.consensus.raft.RaftMembers.PATIENCE;
import static io.ringrift.kernel.consensus.raft.RaftMembers.leader;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringrift.kernel.consensus.ConsensusBed.Member;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class RaftTlsTest {

  @TempDir Path root;

  private static void propose(Member leader, String command) throws Exception {
    var epoch = leader.consensus().leadership().epoch();
    leader.consensus().ledger().propose(epoch, command.getBytes(UTF_8)).get(20, TimeUnit.SECONDS);
  }

  @Test
  void votersWithoutACertificateOfTheAuthorityAreNoPeers() throws Exception {
    var ours = PemFiles.make(root.resolve("ours"));
    var foreign = PemFiles.make(root.resolve("foreign"));
    try (var trio = new RaftTrio(root, 1_000)) {
      trio.tls(Optional.of(ours));
      var members = List.of(trio.start(1), trio.start(2));
      propose(leader(members), "a");
      for (Optional<RaftTls> wrong :
          List.<Optional<RaftTls>>of(Optional.empty(), Optional.of(foreign))) {
        trio.tls(wrong);
        var intruder = trio.start(3);
        propose(leader(members), "b");
        await()
            .during(Duration.ofSeconds(3))
            .atMost(Duration.ofSeconds(5))
            .until(
                () ->
                    intruder.machine().commands.isEmpty()
                        && intruder.consensus().leadership().leader().isEmpty());
        trio.stop(3);
      }
      trio.tls(Optional.of(ours));
      var third = trio.start(3);
      await().atMost(PATIENCE).until(() -> third.machine().commands.contains("b"));
      assertThat(third.machine().commands).startsWith("a");
    }
  }

  private static boolean hasIpv6() {
    try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("::1"))) {
      return socket.isBound();
    } catch (IOException none) {
      return false;
    }
  }

  @Test
  void votersReachEachOtherAtAddressesOfIpv6() throws Exception {
    assumeTrue(hasIpv6(), "this machine has no ::1");
    try (var trio = new RaftTrio(root, 1_000).host("::1")) {
      trio.tls(Optional.of(PemFiles.make(root.resolve("ours"))));
      var members = List.of(trio.start(1), trio.start(2));
      propose(leader(members), "a");
      members.forEach(
          m -> await().atMost(PATIENCE).until(() -> m.machine().commands.contains("a")));
    }
  }
}
