package io.ringrift.node.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.SpawnSelfplayRequest;
import io.ringrift.sync.v1.PlanSyncRequest;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.sync.v1.VerifyFilesRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// Silent, slow and hostile clients, over raw sockets. Every test ends with a normal request.
@Timeout(30)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebLimitsTest {
  private static final String JSON = "Content-Type: application/json";

  private final WebFixture web = new WebFixture(WebFixture::quick);

  @BeforeEach
  void forget() {
    web.spawned.set(0);
  }

  @AfterEach
  void stillServes() {
    assertThat(web.get("/health/live").statusCode()).isEqualTo(200);
  }

  @AfterAll
  void close() {
    web.close();
  }

  private static String head(String... lines) {
    return String.join("\r\n", lines) + "\r\nHost: x\r\n\r\n";
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    socket.getOutputStream().flush();
  }

  /// Writes a byte now and then until the server closes; true when it did.
  private static boolean drip(Socket socket, char c) throws InterruptedException {
    var pause = new CountDownLatch(1);
    try {
      OutputStream out = socket.getOutputStream();
      for (int i = 0; i < 100; i++) {
        out.write(c);
        out.flush();
        pause.await(50, TimeUnit.MILLISECONDS);
      }
      return false;
    } catch (IOException closed) {
      return true;
    }
  }

  @Test
  void silentClientIsCut() throws IOException {
    try (var socket = web.connect()) {
      assertThat(WebFixture.untilClosed(socket)).isEmpty();
    }
  }

  @Test
  void headerThatTricklesIsCut() throws Exception {
    try (var socket = web.connect()) {
      send(socket, "GET /status HTTP/1.1\r\nHost: x\r\nX-Slow: ");
      assertThat(drip(socket, 'a')).isTrue();
    }
  }

  @Test
  void secondHeaderThatTricklesIsCut() throws Exception {
    try (var socket = web.connect()) {
      send(socket, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      assertThat(drip(socket, 'G')).isTrue();
    }
  }

  @Test
  void idleConnectionIsCutAfterItsRequest() throws IOException {
    try (var socket = web.connect()) {
      send(socket, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(WebFixture.untilClosed(socket)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void bodyThatTricklesIsAnsweredAsTooLate() throws Exception {
    try (var socket = web.connect()) {
      send(socket, head("POST /spawn/selfplay HTTP/1.1", JSON, "Content-Length: 100000") + "{");
      var dripping = Thread.ofVirtual().start(() -> dripQuietly(socket));
      assertThat(WebFixture.untilClosed(socket)).contains(" 408 ");
      dripping.interrupt();
    }
    assertThat(web.spawned).hasValue(0);
  }

  @Test
  void grpcBodyThatTricklesIsCutThoughItsClientNamesNoDeadline() throws Exception {
    try (var socket = web.connect()) {
      send(
          socket,
          head(
                  "POST /ringrift.job.v1.JobService/SpawnSelfplay HTTP/1.1",
                  "Content-Type: application/grpc+proto",
                  "Content-Length: 100000")
              + "\0");
      var dripping = Thread.ofVirtual().start(() -> dripQuietly(socket));
      assertThat(WebFixture.untilClosed(socket)).containsAnyOf("grpc-status: 1", "grpc-status: 4");
      dripping.interrupt();
    }
    assertThat(web.spawned).hasValue(0);
  }

  private static void dripQuietly(Socket socket) {
    try {
      drip(socket, ' ');
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void oversizedHeaderIsRefused() throws IOException {
    try (var socket = web.connect()) {
      send(socket, "GET /status HTTP/1.1\r\nHost: x\r\nX-Big: " + "a".repeat(40_000) + "\r\n\r\n");
      assertThat(WebFixture.untilClosed(socket)).containsAnyOf(" 431 ", " 400 ", "RESET");
    }
  }

  @Test
  void oversizedRequestLineIsRefused() throws IOException {
    try (var socket = web.connect()) {
      send(socket, "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(WebFixture.untilClosed(socket)).containsAnyOf(" 414 ", " 400 ", "RESET");
    }
  }

  @Test
  void garbageIsRefused() throws IOException {
    try (var socket = web.connect()) {
      send(socket, "\u0001\u0002 what is this\r\n\r\n");
      assertThat(WebFixture.untilClosed(socket)).containsAnyOf(" 400 ", "RESET", "");
    }
  }

  @Test
  void halfOpenHttp2ConnectionIsCut() throws IOException {
    try (var socket = web.connect()) {
      send(socket, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
      socket.getOutputStream().flush();
      WebFixture.untilClosed(socket); // settings, pings, goodbye
    }
  }

  @Test
  void oversizedJsonIsRefused() {
    var answer = web.post("/spawn/selfplay", "{\"board_type\":\"" + "a".repeat(5 << 20) + "\"}");
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(web.spawned).hasValue(0);
  }

  @Test
  void chunkedBodyWithoutEndIsRefusedAtTheLimit() throws IOException {
    try (var socket = web.connect()) {
      send(socket, head("POST /spawn/selfplay HTTP/1.1", JSON, "Transfer-Encoding: chunked"));
      String chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
      String answer;
      try {
        for (int i = 0; i < 200; i++) {
          send(socket, chunk);
        }
        answer = WebFixture.untilClosed(socket);
      } catch (SocketException closed) {
        answer = "RESET";
      }
      assertThat(answer).containsAnyOf(" 413 ", "RESET");
    }
    assertThat(web.spawned).hasValue(0);
  }

  @Test
  void malformedJsonIsRefused() {
    for (String body : new String[] {"{", "[]", "\"x\"", "{\"num_games\": \"many\"}", "nonsense"}) {
      var answer = web.post("/spawn/selfplay", body);
      assertThat(answer.statusCode()).as(body).isEqualTo(400);
      assertThat(answer.body()).as(body).contains("\"error\":", "INVALID_ARGUMENT");
    }
    assertThat(web.spawned).hasValue(0);
  }

  @Test
  void misspelledFieldIsRefusedByName() {
    var answer = web.post("/spawn/selfplay", "{\"num_game\": 3}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("num_game");
  }

  @Test
  void deeplyNestedJsonIsRefused() {
    var answer = web.post("/spawn/selfplay", "{\"a\":".repeat(20_000));
    assertThat(answer.statusCode()).isEqualTo(400);
  }

  @Test
  void formIsRefusedWithAdvice() {
    var answer =
        web.send(
            web.request("/spawn/selfplay")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build());
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("Content-Type: application/json");
  }

  @Test
  void unknownPathIsToldAsJson() {
    var answer = web.get("/nowhere");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("\"error_code\":\"NOT_FOUND\"");
  }

  @Test
  void oversizedGrpcMessageIsRefused() {
    var channel =
        NettyChannelBuilder.forAddress("127.0.0.1", web.config.port()).usePlaintext().build();
    try {
      assertThatThrownBy(
              () ->
                  JobServiceGrpc.newBlockingStub(channel)
                      .withDeadlineAfter(Duration.ofSeconds(10))
                      .spawnSelfplay(
                          SpawnSelfplayRequest.newBuilder()
                              .setBoardType("a".repeat(5 << 20))
                              .build()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e ->
                  assertThat(e.getStatus().getCode())
                      .as(e.toString())
                      .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED));
    } finally {
      channel.shutdownNow();
    }
    assertThat(web.spawned).hasValue(0);
  }

  @Test
  void callsThatHashFilesMayTakeLongerThanOthers() {
    var channel =
        NettyChannelBuilder.forAddress("127.0.0.1", web.config.port()).usePlaintext().build();
    try {
      var stub = SyncServiceGrpc.newBlockingStub(channel).withDeadlineAfter(Duration.ofSeconds(15));
      assertThat(stub.verifyFiles(VerifyFilesRequest.getDefaultInstance()).getIdentical()).isTrue();
      assertThatThrownBy(() -> stub.planSync(PlanSyncRequest.getDefaultInstance()))
          .isInstanceOf(StatusRuntimeException.class);
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void malformedGrpcMessageIsRefused() {
    for (byte[] body :
        new byte[][] {
          {0, 0, 0, 0, 3, 0x0a, 0x7f, 0x01},
          {0, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1},
          {9, 9, 9, 9, 9, 9, 9, 9},
          {0, 0}
        }) {
      var answer =
          web.send(
              web.request("/ringrift.job.v1.JobService/SpawnSelfplay")
                  .header("Content-Type", "application/grpc+proto")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                  .build());
      String status =
          answer.headers().firstValue("grpc-status").orElse("http " + answer.statusCode());
      assertThat(status).isNotEqualTo("0");
    }
    assertThat(web.spawned).hasValue(0);
  }

  @Test
  void manySilentClientsDoNotKeepOthersOut() throws IOException {
    var sockets = new ArrayList<Socket>();
    try {
      for (int i = 0; i < 200; i++) {
        sockets.add(web.connect());
      }
      assertThat(web.get("/status").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
