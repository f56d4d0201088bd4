package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.Kind;
import io.ringrift.common.v1.Fence;
import io.ringrift.job.v1.ProcessServiceGrpc;
import io.ringrift.job.v1.StopProcessRequest;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.client.ClusterClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One who means harm: claims to lead, and sends what no client sends. One thread.
final class Intruder {
  private static final int LIMIT_MILLIS = 2000;
  private static final Set<Reason> REFUSED =
      Set.of(Reason.STALE_EPOCH, Reason.INVALID_ARGUMENT, Reason.PERMISSION_DENIED);

  private final Ground ground;
  private final Watch watch;
  private final History history;

  Intruder(Ground ground, Watch watch, History history) {
    this.ground = ground;
    this.watch = watch;
    this.history = history;
  }

  /// Orders of a former epoch, of one that nobody can have, of a node that cannot lead, and of
  /// others than the leader in its own epoch.
  String forge(List<String> nodes) {
    long epoch = watch.latest().stream().mapToLong(RoleSample::epoch).max().orElse(1);
    String leader = watch.ledLast().map(RoleSample::node).orElse(nodes.getFirst());
    String rival = nodes.stream().filter(node -> !node.equals(leader)).findFirst().orElse("nobody");
    int answered = 0;
    int sent = 0;
    for (String node : nodes) {
      for (Fence fence :
          List.of(
              fence(Math.max(1, epoch - 1), leader),
              fence(epoch + 1_000_000, leader),
              fence(epoch + 1, "nobody"),
              fence(epoch, rival),
              fence(epoch, "nobody"))) {
        sent++;
        answered += order(node, fence) ? 1 : 0;
      }
    }
    return answered == 0 ? "" : "%d of %d forged orders were answered".formatted(answered, sent);
  }

  private static Fence fence(long epoch, String leader) {
    return Fence.newBuilder().setEpoch(epoch).setLeaderId(leader).build();
  }

  /// @return whether it was obeyed or refused for what it says
  private boolean order(String node, Fence fence) {
    var call =
        history.invoke(
            History.ask("forger", Kind.ORDER, node)
                .withNode(node)
                .withToken(fence.getEpoch())
                .withArgument(fence.getLeaderId()));
    var request =
        StopProcessRequest.newBuilder().setFence(fence).setJobId("forged").setCause("cancelled");
    try (var client =
        new ClusterClient(List.of(ground.address(node)), Optional.empty(), Duration.ofSeconds(2))) {
      var _ = client.call(c -> ProcessServiceGrpc.newBlockingStub(c).stopProcess(request.build()));
      call.ok(Answer.done(node));
      return true;
    } catch (Refusal refusal) {
      if (REFUSED.contains(refusal.reason())) {
        call.fail(refusal.reason().name());
        return true;
      }
      call.unknown(refusal.text());
      return false;
    }
  }

  /// Silence, garbage, a frame that is far too long, a header without an end, to every port.
  String harass(List<String> nodes) {
    int sent = 0;
    for (String node : nodes) {
      for (Endpoint port : ground.doors(node).values()) {
        for (byte[] attack : attacks()) {
          sent += send(port, attack) ? 1 : 0;
        }
      }
    }
    return sent == 0 ? "" : sent + " connections with hostile bytes";
  }

  private static List<byte[]> attacks() {
    var garbage = new byte[64 << 10];
    java.util.Arrays.fill(garbage, (byte) 0xA5);
    String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    var tooLong = new byte[preface.length() + 9];
    System.arraycopy(preface.getBytes(StandardCharsets.US_ASCII), 0, tooLong, 0, preface.length());
    // A DATA frame that announces 16 MiB on a stream that was never opened.
    System.arraycopy(new byte[] {-1, -1, -1, 0, 0, 0, 0, 0, 1}, 0, tooLong, preface.length(), 9);
    return List.of(
        new byte[0],
        garbage,
        tooLong,
        "GET /status HTTP/1.1\r\nHost: x\r\nX: ".getBytes(StandardCharsets.US_ASCII),
        ("POST /v1/work HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: 99999999999\r\n\r\n{")
            .getBytes(StandardCharsets.US_ASCII));
  }

  private static boolean send(Endpoint to, byte[] bytes) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(to.host(), to.port()), LIMIT_MILLIS);
      socket.setSoTimeout(200);
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      var _ = socket.getInputStream().read();
      return true;
    } catch (java.net.SocketTimeoutException stillOpen) {
      return true;
    } catch (IOException refused) {
      return false;
    }
  }
}
