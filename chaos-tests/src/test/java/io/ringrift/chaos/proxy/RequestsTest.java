package io.ringrift.chaos.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// This process plays node `a`, which calls node `b` by gRPC through the proxy.
@Timeout(60)
final class RequestsTest {
  private static final Link THERE = new Link("a", "b");
  private static final Metadata.Key<String> NOTE =
      Metadata.Key.of("note", Metadata.ASCII_STRING_MARSHALLER);

  private final InetAddress loopback = InetAddress.getLoopbackAddress();

  /// What the node heard, in its order: message and note.
  private final List<String> heard = new CopyOnWriteArrayList<>();

  /// Calls that reached the node, whether they said something or not.
  private final AtomicInteger begun = new AtomicInteger();

  private LinkProxies proxies;
  private Server node;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    List<Integer> ports = FreePorts.choose(2);
    node =
        NettyServerBuilder.forAddress(new InetSocketAddress(loopback, ports.get(1)))
            .directExecutor()
            .addService(ServerInterceptors.intercept(service(), new Notes()))
            .build()
            .start();
    proxies = new LinkProxies(() -> Map.of(ProcessHandle.current().pid(), "a"), 1);
    proxies.stream("b", ports.get(0), ports.get(1));
    channel =
        NettyChannelBuilder.forAddress(loopback.getHostAddress(), ports.get(0))
            .usePlaintext()
            .build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    proxies.close();
    node.shutdownNow();
  }

  private static ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("test.Test")
        .addMethod(
            PlainBytes.method("test.Test/Say"),
            ServerCalls.asyncServerStreamingCall(
                (message, answers) -> {
                  answers.onNext(message);
                  answers.onCompleted();
                }))
        .build();
  }

  /// Notes each message when it is there.
  private final class Notes implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      begun.incrementAndGet();
      return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
        @Override
        public void onMessage(Q message) {
          heard.add(((byte[]) message)[0] + " " + headers.get(NOTE));
          super.onMessage(message);
        }
      };
    }
  }

  /// @return told when it is answered
  private CompletableFuture<Status> say(int message) {
    var answered = new CompletableFuture<Status>();
    begin(message, answered).halfClose();
    return answered;
  }

  /// @return to be ended
  private ClientCall<byte[], byte[]> begin(int message, CompletableFuture<Status> answered) {
    var call = channel.newCall(PlainBytes.method("test.Test/Say"), CallOptions.DEFAULT);
    var headers = new Metadata();
    headers.put(NOTE, "by a");
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            answered.complete(status);
          }
        },
        headers);
    call.request(10);
    call.sendMessage(new byte[] {(byte) message});
    return call;
  }

  private static void awaitOk(CompletableFuture<Status> answer) {
    await().until(answer::isDone);
    assertThat(answer.join().isOk()).as("%s", answer.join()).isTrue();
  }

  @Test
  void requestComesTwiceWithAllThatItSaysAndIsAnsweredOnce() {
    awaitOk(say(1));
    assertThat(heard).containsExactly("1 by a");
    proxies.set(Map.of(THERE, LinkRule.duplicating(100)));
    awaitOk(say(2));
    awaitOk(say(3));
    await().until(() -> heard.size() == 5);
    assertThat(heard).containsExactlyInAnyOrder("1 by a", "2 by a", "2 by a", "3 by a", "3 by a");
    await().until(() -> proxies.struck(List.of(THERE)) == 2);
    proxies.set(Map.of());
    awaitOk(say(4));
    assertThat(heard).hasSize(6);
  }

  @Test
  void requestThatEndsWhenNothingIsDoubledAnyMoreComesOnce() {
    proxies.set(Map.of(THERE, LinkRule.duplicating(100)));
    var answered = new CompletableFuture<Status>();
    var late = begin(1, answered);
    await().until(() -> begun.get() == 1);
    proxies.set(Map.of());
    late.halfClose();
    awaitOk(answered);
    await().during(Duration.ofMillis(300)).until(() -> begun.get() == 1);
  }

  @Test
  void ruleOfAnotherLinkDoublesNothing() {
    proxies.set(Map.of(new Link("c", "b"), LinkRule.duplicating(100)));
    awaitOk(say(1));
    awaitOk(say(2));
    assertThat(heard).containsExactly("1 by a", "2 by a");
    assertThat(proxies.struck(List.of(THERE, new Link("c", "b")))).isZero();
  }

  @Test
  void laterRequestOvertakesTheOneThatIsHeldAndBothAreAnswered() {
    awaitOk(say(1));
    proxies.set(Map.of(THERE, LinkRule.reordering(100, Duration.ofMinutes(1))));
    var held = say(2);
    awaitOk(say(3));
    awaitOk(held);
    assertThat(heard).containsExactly("1 by a", "3 by a", "2 by a");
    assertThat(proxies.struck(List.of(THERE))).isEqualTo(1);
  }

  @Test
  void requestWhoseEndComesLateOvertakesWithItAndIsNotHeldItself() {
    awaitOk(say(1));
    proxies.set(Map.of(THERE, LinkRule.reordering(100, Duration.ofMinutes(1))));
    var held = say(2);
    var answered = new CompletableFuture<Status>();
    var overtaking = begin(3, answered);
    await().until(() -> begun.get() == 3);
    overtaking.halfClose();
    awaitOk(answered);
    awaitOk(held);
    assertThat(heard).containsExactly("1 by a", "3 by a", "2 by a");
    assertThat(proxies.struck(List.of(THERE))).isEqualTo(1);
  }

  @Test
  void requestThatNothingOvertakesGoesOnAfterItsTime() {
    awaitOk(say(1));
    proxies.set(Map.of(THERE, LinkRule.reordering(100, Duration.ofMillis(50))));
    awaitOk(say(2));
    awaitOk(say(3));
    assertThat(heard).containsExactly("1 by a", "2 by a", "3 by a");
    assertThat(proxies.struck(List.of(THERE))).as("nothing was exchanged").isZero();
  }
}
