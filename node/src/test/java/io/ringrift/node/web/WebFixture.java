package io.ringrift.node.web;

import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.WatchEventsRequest;
import io.ringrift.event.v1.WatchEventsResponse;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.SpawnSelfplayRequest;
import io.ringrift.job.v1.SpawnSelfplayResponse;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Replies;
import io.ringrift.node.local.FreePorts;
import io.ringrift.node.rpc.LocalServer;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.GetStatusResponse;
import io.ringrift.status.v1.JobCounts;
import io.ringrift.status.v1.ManagerHealth;
import io.ringrift.status.v1.StatusServiceGrpc;
import io.ringrift.sync.v1.PlanSyncRequest;
import io.ringrift.sync.v1.PlanSyncResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.sync.v1.VerifyFilesRequest;
import io.ringrift.sync.v1.VerifyFilesResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/// A web server with three small services, and raw ways to talk to it.
final class WebFixture implements AutoCloseable {
  final AtomicInteger spawned = new AtomicInteger();
  final LocalServer local = new LocalServer("web");
  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final WebConfig config;
  final WebServer server;

  /// Where the refusals for board `away` send their clients.
  volatile String leaderAddress = "192.0.2.1:8770";

  WebFixture(UnaryOperator<WebConfig> change) {
    this.config = change.apply(WebConfig.of("127.0.0.1", FreePorts.one(), Optional.empty()));
    List<BindableService> services = List.of(new Status(), new Jobs(), new Events(), new Files());
    local.serve(services);
    this.server =
        WebServer.start(
            config,
            services,
            local.channel(),
            new Probes(() -> Optional.of("nobody leads"), () -> true),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  static WebConfig quick(WebConfig c) {
    return new WebConfig(
        c.host(),
        c.port(),
        c.token(),
        Duration.ofMillis(800),
        Duration.ofSeconds(20),
        Duration.ofMillis(1500),
        Duration.ofMillis(1000),
        c.maxConnections(),
        c.maxMessageBytes(),
        c.maxHeaderBytes());
  }

  static WebConfig withToken(WebConfig c, String token) {
    return WebConfig.of(c.host(), c.port(), Optional.of(token));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + config.port() + path))
        .timeout(Duration.ofSeconds(10));
  }

  HttpResponse<String> get(String path) {
    return send(request(path).build());
  }

  HttpResponse<String> post(String path, String body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  Socket connect() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), config.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /// Everything the server says until it closes the connection.
  static String untilClosed(Socket socket) throws IOException {
    var all = new StringBuilder();
    try {
      byte[] buffer = new byte[4096];
      for (int n = socket.getInputStream().read(buffer);
          n >= 0;
          n = socket.getInputStream().read(buffer)) {
        all.append(new String(buffer, 0, n, StandardCharsets.US_ASCII));
      }
    } catch (java.net.SocketException reset) {
      all.append("RESET");
    }
    return all.toString();
  }

  @Override
  public void close() {
    http.close();
    server.close();
    local.close();
  }

  private static final class Status extends StatusServiceGrpc.StatusServiceImplBase {
    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> observer) {
      Replies.unary(
          observer,
          () ->
              GetStatusResponse.newBuilder()
                  .setNodeId("n1")
                  .setRole("LEADER")
                  .setJobs(JobCounts.newBuilder().setCompleted24H(4))
                  .putManagers("StateManager", ManagerHealth.newBuilder().setHealthy(true).build())
                  .build());
    }
  }

  private final class Jobs extends JobServiceGrpc.JobServiceImplBase {
    @Override
    public void spawnSelfplay(
        SpawnSelfplayRequest request, StreamObserver<SpawnSelfplayResponse> observer) {
      Replies.unary(
          observer,
          () -> {
            switch (request.getBoardType()) {
              case "moon" -> throw Refusal.invalid("board_type", "moon", "hex5 to hex11");
              case "elsewhere" ->
                  throw new Refusal(Reason.NOT_LEADER, "n2 leads").with("leader_id", "n2");
              case "away" ->
                  throw new Refusal(Reason.NOT_LEADER, "n2 leads")
                      .with("leader_id", "n2")
                      .with("leader_address", leaderAddress);
              case "full" -> throw new Refusal(Reason.DISK_FULL, "no room");
              case "crowded" -> throw new Refusal(Reason.BACKPRESSURE, "too many wait");
              case "headless" -> throw new Refusal(Reason.NO_QUORUM, "nobody leads");
              case "broken" -> throw new IllegalStateException("secret text");
              default -> spawned.incrementAndGet();
            }
            return SpawnSelfplayResponse.newBuilder()
                .setSuccess(true)
                .setJobId("j1")
                .setNumGames(request.getNumGames())
                .build();
          });
    }
  }

  private static final class Events extends EventServiceGrpc.EventServiceImplBase {
    @Override
    public void watchEvents(
        WatchEventsRequest request, StreamObserver<WatchEventsResponse> observer) {
      for (long index = request.getAfterIndex() + 1; index <= 3; index++) {
        for (int ordinal = 0; ordinal < 2; ordinal++) {
          observer.onNext(
              WatchEventsResponse.newBuilder()
                  .setEvent(
                      Event.newBuilder().setIndex(index).setOrdinal(ordinal).setKind("JOB_ADDED"))
                  .build());
        }
      }
      observer.onCompleted();
    }
  }

  /// Everything here takes longer than `quick` lets an ordinary call take.
  private static final class Files extends SyncServiceGrpc.SyncServiceImplBase {
    private static <T> void answerLate(StreamObserver<T> observer, T answer) {
      try {
        new CountDownLatch(1).await(1200, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      observer.onNext(answer);
      observer.onCompleted();
    }

    @Override
    public void verifyFiles(
        VerifyFilesRequest request, StreamObserver<VerifyFilesResponse> observer) {
      answerLate(observer, VerifyFilesResponse.newBuilder().setIdentical(true).build());
    }

    @Override
    public void planSync(PlanSyncRequest request, StreamObserver<PlanSyncResponse> observer) {
      answerLate(observer, PlanSyncResponse.getDefaultInstance());
    }
  }
}
