package io.ringrift.node.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.kernel.wire.NonBlocking;
import io.ringrift.managers.Replies;
import io.ringrift.node.rpc.LocalServer;
import io.ringrift.status.v1.GetHealthRequest;
import io.ringrift.status.v1.GetHealthResponse;
import io.ringrift.status.v1.GetStatusRequest;
import io.ringrift.status.v1.GetStatusResponse;
import io.ringrift.status.v1.StatusServiceGrpc;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Handlers that do not block have no thread of their own, and answer when their future does.
@Timeout(60)
final class QuickCallsTest {
  private record Call(Thread thread, CompletableFuture<GetHealthResponse> answer) {}

  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  private final LocalServer local = new LocalServer("quick");
  private volatile Executor place = Runnable::run;
  private WebServer web;
  private ManagedChannel overTheWeb;

  /// GetHealth does not block, GetStatus may.
  private final class Mixed extends StatusServiceGrpc.StatusServiceImplBase implements NonBlocking {
    @Override
    public boolean nonBlocking(MethodDescriptor<?, ?> method) {
      return method.equals(StatusServiceGrpc.getGetHealthMethod());
    }

    @Override
    public void getHealth(GetHealthRequest request, StreamObserver<GetHealthResponse> observer) {
      var answer = new CompletableFuture<GetHealthResponse>();
      Replies.later(observer, place, () -> answer, "health");
      calls.add(new Call(Thread.currentThread(), answer));
    }

    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> observer) {
      calls.add(new Call(Thread.currentThread(), new CompletableFuture<>()));
      Replies.unary(observer, GetStatusResponse::getDefaultInstance);
    }
  }

  @BeforeEach
  void serve() {
    List<BindableService> services = List.of(new Mixed());
    local.serve(services);
    var config = WebConfig.of("127.0.0.1", 0, Optional.empty());
    web =
        WebServer.start(
            config,
            services,
            local.channel(),
            new Probes(() -> Optional.empty(), () -> true),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    overTheWeb = NettyChannelBuilder.forAddress("127.0.0.1", web.port()).usePlaintext().build();
  }

  @AfterEach
  void end() {
    overTheWeb.shutdownNow();
    web.close();
    local.close();
  }

  private Call next() {
    return Awaitility.await().until(calls::poll, Objects::nonNull);
  }

  @Test
  void readerOfTheConnectionRunsTheHandlerAndNobodyWaitsForItsAnswer() throws Exception {
    var answer = StatusServiceGrpc.newFutureStub(overTheWeb).getHealth(health());
    Call call = next();
    assertThat(call.thread().getName()).startsWith("web-");
    assertThat(answer.isDone()).isFalse();

    call.answer().complete(GetHealthResponse.newBuilder().setNodeId("n1").build());
    assertThat(answer.get().getNodeId()).isEqualTo("n1");
  }

  @Test
  void handlersThatMayBlockKeepAThreadOfTheirOwn() throws Exception {
    var _ =
        StatusServiceGrpc.newBlockingStub(overTheWeb)
            .getStatus(GetStatusRequest.getDefaultInstance());
    assertThat(next().thread().getName()).startsWith("handler-");
    var _ =
        StatusServiceGrpc.newBlockingStub(local.channel())
            .getStatus(GetStatusRequest.getDefaultInstance());
    assertThat(next().thread().getName()).startsWith("local-");
  }

  @Test
  void callerWithinTheNodeRunsTheHandlerItself() throws Exception {
    var answer = StatusServiceGrpc.newFutureStub(local.channel()).getHealth(health());
    Call call = next();
    assertThat(call.thread()).isSameAs(Thread.currentThread());

    call.answer().complete(GetHealthResponse.newBuilder().setNodeId("n1").build());
    assertThat(answer.get().getNodeId()).isEqualTo("n1");
  }

  @Test
  void aRefusalThatComesLaterIsToldLikeOneThatWasThrown() throws Exception {
    for (Channel channel : List.of(overTheWeb, local.channel())) {
      var answer = StatusServiceGrpc.newFutureStub(channel).getHealth(health());
      next().answer().completeExceptionally(new Refusal(Reason.NO_QUORUM, "too few answer"));
      assertThat(reasonOf(answer::get)).isEqualTo(Reason.NO_QUORUM);
    }
  }

  /// As where the state is being changed just now, and then something is wrong.
  @Test
  void whatAnotherThreadFindsIsToldToo() throws Exception {
    place =
        task ->
            Thread.ofVirtual()
                .start(
                    () -> {
                      next().answer().completeExceptionally(new Refusal(Reason.OVERLOADED, "full"));
                      task.run();
                    });
    for (Channel channel : List.of(overTheWeb, local.channel())) {
      var answer = StatusServiceGrpc.newFutureStub(channel).getHealth(health());
      assertThat(reasonOf(answer::get)).isEqualTo(Reason.OVERLOADED);
    }
  }

  @Test
  void aFailureThatComesLaterKeepsItsWordsToItself() throws Exception {
    var answer = StatusServiceGrpc.newFutureStub(overTheWeb).getHealth(health());
    next().answer().completeExceptionally(new IllegalStateException("the secret"));
    assertThat(reasonOf(answer::get)).isEqualTo(Reason.INTERNAL);
    assertThat(ErrorMapping.status(new IllegalStateException("the secret"), "health").getMessage())
        .doesNotContain("secret");
  }

  @Test
  void aHandlerThatHangsKeepsTheServersEndFromNobody() {
    var begun = new CompletableFuture<Void>();
    var released = new CompletableFuture<Void>();
    place =
        _ -> {
          begun.complete(null);
          released.join();
        };
    var _ = StatusServiceGrpc.newFutureStub(overTheWeb).getHealth(health());
    begun.join();
    try {
      web.close();
      assertThat(released).isNotDone();
    } finally {
      released.complete(null);
    }
  }

  private static GetHealthRequest health() {
    return GetHealthRequest.getDefaultInstance();
  }

  private interface Asked {
    GetHealthResponse get() throws ExecutionException, InterruptedException;
  }

  private static Reason reasonOf(Asked call) throws InterruptedException {
    try {
      call.get();
      throw new AssertionError("it answered");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StatusRuntimeException told) {
        return Errors.fromStatus(told).reason();
      }
      throw new AssertionError(e);
    }
  }
}
