package io.ringrift.chaos.run;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.ground.Door;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.proxy.PlainBytes;
import io.ringrift.kernel.Endpoint;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// Sends to each port of a node what is far longer than it takes, whole and well-formed where that
/// can be, and asks the port afterwards whether it still serves. One thread.
final class Oversized {
  /// Nodes take 4 MiB at their web port, 8 MiB at Raft's, a frame of SWIM of 256 KiB and headers of
  /// 16 KiB. The buffers of a connection would take far more than these by themselves: only what is
  /// longer than they are shows by its end whether a node read it.
  private static final int TOO_MUCH = 20 << 20;

  private static final int PIECE = 64 << 10;
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final String VOTE = "ratis.grpc.RaftServerProtocolService/requestVote";
  private static final String SPAWN = "ringrift.job.v1.JobService/SpawnJob";
  private static final String LEADERSHIP = "ringrift.election.v1.ElectionService/GetLeadership";

  /// How a voter of Raft answers a call that is meant for another.
  private static final String NOT_MEANT = "this is ";

  /// What became of it, and in words.
  record Told(String kind, String words) {
    static Told refused(String words) {
      return new Told(NodeEvent.TOO_LONG_REFUSED, "refused, " + words);
    }

    static Told taken(String words) {
      return new Told(NodeEvent.TOO_LONG_TAKEN, words);
    }

    static Told unseen(String words) {
      return new Told(NodeEvent.TOO_LONG_UNSEEN, words);
    }
  }

  @FunctionalInterface
  private interface Attack {
    Told on(Map<Door, Endpoint> doors) throws IOException;
  }

  private final Ground ground;
  private final NodeFaults.Log log;

  Oversized(Ground ground, NodeFaults.Log log) {
    this.ground = ground;
    this.log = log;
  }

  /// @return what shows that it happened; empty when nothing shows what became of any of it
  String send(List<String> nodes) {
    int sent = 0;
    int refused = 0;
    int unseen = 0;
    for (String node : nodes) {
      Map<Door, Endpoint> doors = ground.doors(node);
      for (Door door : doors.keySet()) {
        for (var attack : attacks(door).entrySet()) {
          Told told = told(attack.getValue(), door, doors);
          log.tell(
              node,
              told.kind(),
              "%s: %s: %s".formatted(door.word(), attack.getKey(), told.words()));
          sent++;
          refused += told.kind().equals(NodeEvent.TOO_LONG_REFUSED) ? 1 : 0;
          unseen += told.kind().equals(NodeEvent.TOO_LONG_UNSEEN) ? 1 : 0;
        }
      }
    }
    if (unseen == sent) {
      return "";
    }
    return "%d of %d requests, frames and datagrams that are too long were refused"
        .formatted(refused, sent);
  }

  private static Told told(Attack attack, Door door, Map<Door, Endpoint> doors) {
    Told told;
    try {
      told = attack.on(doors);
    } catch (IOException e) {
      return Told.unseen("nobody listens: " + e);
    }
    Endpoint at = at(doors, door);
    // A node that is busy may be late once.
    return IntStream.rangeClosed(1, 2).anyMatch(_ -> serves(door, at))
        ? told
        : Told.taken("the port serves no more, after: " + told.words());
  }

  static Endpoint at(Map<Door, Endpoint> doors, Door door) {
    return Objects.requireNonNull(doors.get(door));
  }

  private static Map<String, Attack> attacks(Door door) {
    var attacks = new LinkedHashMap<String, Attack>();
    switch (door) {
      case WEB -> {
        attacks.put("an HTTP body of 20 MiB", Oversized::body);
        attacks.put("an HTTP body of 20 MiB in chunks", Oversized::chunks);
        attacks.put("HTTP headers of 20 MiB", Oversized::headers);
        attacks.put("an HTTP/2 frame of 16 MiB", doors -> frame(at(doors, door)));
        attacks.put(
            "a gRPC message of 20 MiB",
            doors -> told(status(at(doors, door), SPAWN, padded(new byte[0]))));
      }
      case RAFT -> {
        attacks.put("an HTTP/2 frame of 16 MiB", doors -> frame(at(doors, door)));
        attacks.put(
            "a gRPC message of 20 MiB",
            doors -> told(status(at(doors, door), VOTE, padded(vote()))));
      }
      case SWIM -> {
        attacks.put("a frame of 20 MiB", doors -> swimFrame(at(doors, door)));
        attacks.put("a datagram of 60,000 bytes", SwimDatagram::refusal);
      }
    }
    return attacks;
  }

  private static Told body(Map<Door, Endpoint> doors) throws IOException {
    return http(doors, "Content-Length: " + TOO_MUCH, new byte[PIECE]);
  }

  private static Told chunks(Map<Door, Endpoint> doors) throws IOException {
    var chunk = ByteBuffer.allocate(PIECE + 9);
    chunk.put(ascii("10000\r\n"));
    chunk.position(chunk.position() + PIECE);
    chunk.put(ascii("\r\n"));
    return http(doors, "Transfer-Encoding: chunked", chunk.array());
  }

  private static Told http(Map<Door, Endpoint> doors, String length, byte[] piece)
      throws IOException {
    String head = "POST /v1/work HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    var end =
        RawConnection.send(
            at(doors, Door.WEB), ascii(head + length + "\r\n\r\n"), piece, TOO_MUCH / PIECE, LIMIT);
    return end.status() > 0 && end.status() < 400
        ? Told.taken("read and answered with " + end.status())
        : closed(end);
  }

  private static Told headers(Map<Door, Endpoint> doors) throws IOException {
    var piece = new byte[PIECE];
    Arrays.fill(piece, (byte) 'a');
    var end =
        RawConnection.send(
            at(doors, Door.WEB),
            ascii("GET /health/live HTTP/1.1\r\nHost: x\r\nX: "),
            piece,
            TOO_MUCH / PIECE,
            LIMIT);
    return end.status() < 400 ? closed(end) : Told.refused("status " + end.status());
  }

  /// A frame that announces 16 MiB on a stream that was never opened, and has them.
  private static Told frame(Endpoint at) throws IOException {
    byte[] preface = ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    var head = ByteBuffer.allocate(preface.length + 18);
    head.put(preface);
    head.put(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
    head.put(new byte[] {-1, -1, -1, 0, 0, 0, 0, 0, 1});
    return closed(RawConnection.send(at, head.array(), new byte[PIECE], 256, LIMIT));
  }

  private static Told swimFrame(Endpoint at) throws IOException {
    byte[] head = ByteBuffer.allocate(4).putInt(TOO_MUCH).array();
    return closed(RawConnection.send(at, head, new byte[PIECE], TOO_MUCH / PIECE, LIMIT));
  }

  static Told closed(RawConnection.End end) {
    if (end.status() != 0) {
      return end.status() < 400
          ? Told.taken("answered with " + end.status())
          : Told.refused("status " + end.status());
    }
    if (end.closed()) {
      return end.whole()
          ? Told.unseen("the connection was closed, and all of it may have been read before")
          : Told.refused("the connection was closed");
    }
    return end.whole()
        ? Told.taken("all of it was read, and the connection is still open")
        : Told.unseen("the connection is still open, and not all of it was read");
  }

  private static Told told(Status status) throws IOException {
    if (status.getCause() instanceof ConnectException nobodyListens) {
      throw nobodyListens;
    }
    String words = status.getCode() + " " + status.getDescription();
    boolean read = words.contains(NOT_MEANT);
    return switch (status.getCode()) {
      case RESOURCE_EXHAUSTED, CANCELLED -> Told.refused(words);
      case DEADLINE_EXCEEDED -> Told.unseen(words);
      case UNAVAILABLE -> read ? Told.taken("read and answered: " + words) : Told.refused(words);
      default -> Told.taken("read and answered: " + words);
    };
  }

  /// What a call was answered with.
  private static Status status(Endpoint at, String method, byte[] message) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(at.host(), at.port()).usePlaintext().build();
    try {
      ClientCalls.blockingServerStreamingCall(
              channel,
              PlainBytes.method(method),
              CallOptions.DEFAULT.withDeadlineAfter(LIMIT.toSeconds(), TimeUnit.SECONDS),
              message)
          .forEachRemaining(_ -> {});
      return Status.OK;
    } catch (StatusRuntimeException refused) {
      return refused.getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  private static boolean serves(Door door, Endpoint at) {
    return switch (door) {
      case WEB -> status(at, LEADERSHIP, new byte[0]).isOk();
      case RAFT -> String.valueOf(status(at, VOTE, vote()).getDescription()).startsWith(NOT_MEANT);
      case SWIM -> closesWhatIsNoMessage(at);
    };
  }

  private static boolean closesWhatIsNoMessage(Endpoint at) {
    try {
      byte[] frame = {0, 0, 0, 1, 0};
      return RawConnection.send(at, frame, new byte[0], 0, LIMIT).closed();
    } catch (IOException nobodyListens) {
      return false;
    }
  }

  /// Whom it comes from and whom it is meant for, as Ratis writes it: nobody that is here.
  private static byte[] vote() {
    byte[] from = ascii("chaos");
    byte[] to = ascii("nobody");
    var vote = ByteBuffer.allocate(6 + from.length + to.length);
    vote.put(new byte[] {0x0a, (byte) (4 + from.length + to.length)});
    vote.put(new byte[] {0x0a, (byte) from.length}).put(from);
    vote.put(new byte[] {0x12, (byte) to.length}).put(to);
    return vote.array();
  }

  /// The message with a field of 20 MiB that no reader knows (number 1000): only its length is
  /// wrong.
  private static byte[] padded(byte[] message) {
    var padded = ByteBuffer.allocate(message.length + 6 + TOO_MUCH);
    padded.put(message).put(new byte[] {(byte) 0xc2, 0x3e});
    int left = TOO_MUCH;
    for (int i = 0; i < 3; i++) {
      padded.put((byte) (left | 0x80));
      left >>>= 7;
    }
    padded.put((byte) left);
    return padded.array();
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
