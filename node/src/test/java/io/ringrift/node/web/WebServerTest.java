package io.ringrift.node.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.SpawnSelfplayRequest;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebServerTest {
  private static final Ticker TICKER = Ticker.system();
  private static final int CLOSINGS = 3;

  private final WebFixture web = new WebFixture(UnaryOperator.identity());
  private final WebFixture guarded = new WebFixture(c -> WebFixture.withToken(c, "t0ken"));

  @AfterAll
  void close() {
    web.close();
    guarded.close();
  }

  private static ManagedChannel grpc(WebFixture at) {
    return NettyChannelBuilder.forAddress("127.0.0.1", at.config.port()).usePlaintext().build();
  }

  @Test
  void statusHasTheSeedsFieldNamesWithTheirDefaults() {
    var answer = web.get("/status");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type").orElse("")).contains("application/json");
    assertThat(answer.body())
        .contains("\"node_id\":\"n1\"", "\"role\":\"LEADER\"", "\"alive_peers\":0")
        .contains("\"completed_24h\":4")
        .contains("\"managers\":{\"StateManager\":{\"healthy\":true");
  }

  @Test
  void postIsTranscodedFromJson() {
    var answer = web.post("/spawn/selfplay", "{\"board_type\":\"hex8\",\"num_games\":20}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"success\":true", "\"num_games\":20");
  }

  @Test
  void refusalOverHttpHasReasonAndDetails() {
    var answer = web.post("/spawn/selfplay", "{\"board_type\":\"moon\"}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .contains("\"error_code\":\"INVALID_ARGUMENT\"")
        .contains("board_type is \\\"moon\\\" but must be hex5 to hex11")
        .contains("\"details\":{")
        .contains("\"field\":\"board_type\"");
  }

  @Test
  void writeAtAFollowerIsRedirectedWithItsPathAndQueryToTheLeader() {
    var answer = web.post("/spawn/selfplay?a=b+c", "{\"board_type\":\"away\"}");
    assertThat(answer.statusCode()).isEqualTo(307);
    assertThat(answer.headers().firstValue("location"))
        .hasValue("http://192.0.2.1:8770/spawn/selfplay?a=b+c");
    assertThat(answer.headers().firstValue("content-type").orElse("")).contains("application/json");
    assertThat(answer.body())
        .contains("\"error_code\":\"NOT_LEADER\"")
        .contains("\"leader_id\":\"n2\"", "\"leader_address\":\"192.0.2.1:8770\"");
  }

  @Test
  void clientThatFollowsRedirectsEndsAtTheLeaderWithItsBody() {
    String before = web.leaderAddress;
    try (var leader = new WebFixture(UnaryOperator.identity());
        var following =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()) {
      web.leaderAddress = "127.0.0.1:" + leader.config.port();
      leader.leaderAddress = "";
      var request =
          web.request("/spawn/selfplay")
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{\"board_type\":\"away\"}"))
              .build();
      var answer = following.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join();
      assertThat(answer.uri().getPort()).isEqualTo(leader.config.port());
      // It refuses that board too, so the body arrived; it knows no leader, so the journey ends.
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(answer.body()).contains("NOT_LEADER");
    } finally {
      web.leaderAddress = before;
    }
  }

  @Test
  void sameRefusalOverGrpcIsNoRedirect() {
    var channel = grpc(web);
    try {
      var away = SpawnSelfplayRequest.newBuilder().setBoardType("away").build();
      assertThatThrownBy(() -> JobServiceGrpc.newBlockingStub(channel).spawnSelfplay(away))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
                assertThat(Errors.fromStatus(e).details()).containsKey("leader_address");
              });
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void refusalOfAFollowerIsForbiddenWithTheLeadersName() {
    var answer = web.post("/spawn/selfplay", "{\"board_type\":\"elsewhere\"}");
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).contains("NOT_LEADER", "\"leader_id\":\"n2\"");
  }

  @Test
  void fullDiskIsInsufficientStorage() {
    assertThat(web.post("/spawn/selfplay", "{\"board_type\":\"full\"}").statusCode())
        .isEqualTo(507);
  }

  @Test
  void backpressureIsTooManyRequestsAndALostQuorumIsUnavailable() {
    var crowded = web.post("/spawn/selfplay", "{\"board_type\":\"crowded\"}");
    assertThat(crowded.statusCode()).isEqualTo(429);
    assertThat(crowded.body()).contains("\"error_code\":\"BACKPRESSURE\"");
    var headless = web.post("/spawn/selfplay", "{\"board_type\":\"headless\"}");
    assertThat(headless.statusCode()).isEqualTo(503);
    assertThat(headless.body()).contains("\"error_code\":\"NO_QUORUM\"");
  }

  @Test
  void unexpectedFailureHidesItsText() {
    var answer = web.post("/spawn/selfplay", "{\"board_type\":\"broken\"}");
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain("secret text");
  }

  @Test
  void sameServicesAnswerGrpc() {
    var channel = grpc(web);
    try {
      assertThat(
              StatusServiceGrpc.newBlockingStub(channel)
                  .getStatus(GetStatusRequest.getDefaultInstance())
                  .getNodeId())
          .isEqualTo("n1");
      assertThatThrownBy(
              () ->
                  JobServiceGrpc.newBlockingStub(channel)
                      .spawnSelfplay(
                          SpawnSelfplayRequest.newBuilder().setBoardType("moon").build()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(Errors.fromStatus(e).reason()).isEqualTo(Reason.INVALID_ARGUMENT));
      assertThat(
              HealthGrpc.newBlockingStub(channel)
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void probesTellWhy() {
    assertThat(web.get("/health/live").statusCode()).isEqualTo(200);
    assertThat(web.get("/health/leader").statusCode()).isEqualTo(200);
    var ready = web.get("/health/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(ready.body()).contains("nobody leads");
  }

  @Test
  void metricsAreExposed() {
    web.get("/status");
    assertThat(web.get("/metrics").body()).contains("armeria_server");
  }

  @Test
  void eventStreamResumesBehindTheLastEventSeen() {
    assertThat(web.get("/v1/events").body())
        .containsSubsequence("id: 1:0", "id: 1:1", "id: 2:0", "id: 3:1")
        .contains("event: JOB_ADDED", "\"kind\":\"JOB_ADDED\"");
    assertThat(web.get("/v1/events?after=2:0").body())
        .doesNotContain("id: 2:0\n")
        .containsSubsequence("id: 2:1", "id: 3:0");
    assertThat(web.send(web.request("/v1/events").header("Last-Event-ID", "3").build()).body())
        .doesNotContain("id: ");
    assertThat(web.get("/v1/events?after=x").statusCode()).isEqualTo(400);
  }

  @Test
  void tokenGuardsAllButStatusProbesAndMetrics() {
    assertThat(guarded.get("/status").statusCode()).isEqualTo(200);
    assertThat(guarded.get("/health/live").statusCode()).isEqualTo(200);
    assertThat(guarded.get("/metrics").statusCode()).isEqualTo(200);
    assertThat(guarded.get("/v1/events").statusCode()).isEqualTo(401);
    int before = guarded.spawned.get();
    var refused = guarded.post("/spawn/selfplay", "{}");
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.body()).contains("UNAUTHENTICATED");
    assertThat(guarded.spawned).hasValue(before);
    var right = guarded.request("/v1/events").header("Authorization", "Bearer t0ken").build();
    assertThat(guarded.send(right).statusCode()).isEqualTo(200);
  }

  @Test
  void tokenGuardsGrpc() {
    var channel = grpc(guarded);
    try {
      var jobs = JobServiceGrpc.newBlockingStub(channel);
      assertThatThrownBy(() -> jobs.spawnSelfplay(SpawnSelfplayRequest.getDefaultInstance()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
      var headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer t0ken");
      jobs.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .spawnSelfplay(SpawnSelfplayRequest.getDefaultInstance());
      assertThat(guarded.spawned).hasPositiveValue();
    } finally {
      channel.shutdownNow();
    }
  }

  private static Duration timeToClose() {
    try (var open = new WebFixture(UnaryOperator.identity())) {
      Moment from = TICKER.now();
      open.server.close();
      return TICKER.now().since(from);
    }
  }

  /// A node that begins again is away for as long. A machine without time may need the two seconds
  /// that Netty would stay to see whether there is more to do, but not each time.
  @Test
  void portThatNobodyCallsClosesWithoutAPause() {
    assertThat(Stream.generate(WebServerTest::timeToClose).limit(CLOSINGS))
        .anyMatch(time -> time.compareTo(Duration.ofSeconds(1)) < 0);
  }

  @Test
  void portInUseNamesItsHolder() throws Exception {
    try (var other = new ServerSocket(0)) {
      assertThatThrownBy(() -> PortHolder.requireFree("127.0.0.1", other.getLocalPort()))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining(Integer.toString(other.getLocalPort()))
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
  }
}
