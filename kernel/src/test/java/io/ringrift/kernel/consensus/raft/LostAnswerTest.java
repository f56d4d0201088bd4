package io.ringrift.kernel.consensus.raft;

import static io.ringrift.kernel.consensus.raft.RaftMembers.leader;
import static io.ringrift.kernel.consensus.raft.RaftMembers.soon;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Connections that break when a follower has stored an entry and not said so yet.
@Timeout(120)
final class LostAnswerTest {

  /// Less than the time after which a leader writes an entry by itself.
  private static final long BEFORE_THE_MARK = 3;

  @TempDir private Path root;

  /// Stands before a voter, and can lose what it answers.
  private static final class Front implements AutoCloseable {
    private final ServerSocket port = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Endpoint voter;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private volatile boolean loses;

    Front(Endpoint voter) throws IOException {
      this.voter = voter;
      Thread.ofVirtual().start(this::take);
    }

    Endpoint at() {
      return new Endpoint(port.getInetAddress().getHostAddress(), port.getLocalPort());
    }

    private void take() {
      try {
        while (true) {
          Socket dialled = port.accept();
          open.add(dialled);
          Thread.ofVirtual().start(() -> join(dialled));
        }
      } catch (IOException closed) {
        // The end of the test.
      }
    }

    private void join(Socket dialled) {
      try (dialled;
          var served = new Socket(voter.host(), voter.port())) {
        open.add(served);
        Thread.ofVirtual().start(() -> pass(dialled, served, false));
        pass(served, dialled, true);
      } catch (IOException down) {
        // The voter is not there, and its connection ends.
      }
    }

    private void pass(Socket from, Socket to, boolean answers) {
      var bytes = new byte[8192];
      try (from;
          to) {
        for (int n = from.getInputStream().read(bytes);
            n >= 0;
            n = from.getInputStream().read(bytes)) {
          if (!(answers && loses)) {
            to.getOutputStream().write(bytes, 0, n);
          }
        }
      } catch (IOException ended) {
        // Either side ended it, or `breakAll`.
      }
    }

    void breakAll() throws IOException {
      for (Socket socket : open) {
        socket.close();
      }
      open.clear();
      loses = false;
    }

    @Override
    public void close() throws IOException {
      port.close();
      breakAll();
    }
  }

  private boolean hasStored(int n, String command) throws IOException {
    try (var files = Files.walk(root.resolve("n" + n))) {
      List<Path> logs =
          files.filter(f -> f.getFileName().toString().startsWith("log_inprogress")).toList();
      for (Path log : logs) {
        if (new String(Files.readAllBytes(log), ISO_8859_1).contains(command)) {
          return true;
        }
      }
      return false;
    }
  }

  /// A beat is answered without a word of what the follower holds, and no other entry comes: the
  /// one that opens an office is the only one of its leader.
  @Test
  void anEntryWhoseAnswersWereLostIsCommittedWithoutAnother() throws Exception {
    try (var trio = new RaftTrio(root, 1_000);
        var one = new Front(trio.address(1));
        var two = new Front(trio.address(2));
        var three = new Front(trio.address(3))) {
      var fronts = List.of(one, two, three);
      IntStream.rangeClosed(1, 3).forEach(n -> trio.behind(n, fronts.get(n - 1).at()));
      var members = IntStream.rangeClosed(1, 3).mapToObj(trio::start).toList();
      var leader = leader(members);
      fronts.forEach(front -> front.loses = true);
      var answer =
          leader
              .consensus()
              .ledger()
              .propose(leader.consensus().leadership().epoch(), "stored".getBytes(UTF_8));
      for (int n = 1; n <= 3; n++) {
        int voter = n;
        soon().until(() -> hasStored(voter, "stored"));
      }
      assertThat(answer).isNotDone();
      for (Front front : fronts) {
        front.breakAll();
      }
      assertThat(answer.get(BEFORE_THE_MARK, TimeUnit.SECONDS)).isNotNull();
    }
  }
}
