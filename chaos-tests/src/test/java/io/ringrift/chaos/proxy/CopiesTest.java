package io.ringrift.chaos.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Which copies count as such.
@Timeout(60)
final class CopiesTest {
  private static final Link LINK = new Link("a", "b");
  private static final Request REQUEST = request("test.Test/Say", Map.of());

  private final InetAddress loopback = InetAddress.getLoopbackAddress();
  private final Rules rules = new Rules();

  /// Calls that the node heard and has not answered.
  private final List<StreamObserver<byte[]>> heard = new CopyOnWriteArrayList<>();

  private Server node;
  private Copies copies;

  @BeforeEach
  void start() throws IOException {
    node =
        NettyServerBuilder.forAddress(new InetSocketAddress(loopback, 0))
            .directExecutor()
            .addService(
                ServerServiceDefinition.builder("test.Test")
                    .addMethod(
                        PlainBytes.method("test.Test/Say"),
                        ServerCalls.asyncServerStreamingCall((_, answers) -> heard.add(answers)))
                    .build())
            .build()
            .start();
    rules.set(Map.of(LINK, LinkRule.duplicating(100)));
    copies = new Copies(node.getPort(), rules, Duration.ofSeconds(20));
  }

  @AfterEach
  void stop() {
    copies.close();
    node.shutdownNow();
  }

  private static Request request(String method, Map<String, String> metadata) {
    return new Request(method, metadata, new byte[] {1});
  }

  @Test
  void copyThatIsAnsweredCountsOnceWhateverTheAnswerIs() {
    copies.send(request("test.Test/Unknown", Map.of()), LINK, rules.version());
    await().until(() -> copies.underWay() == 0);
    assertThat(rules.struck(LINK)).isEqualTo(1);
    copies.send(REQUEST, LINK, rules.version());
    await().until(() -> heard.size() == 1);
    heard.getFirst().onNext(new byte[] {2});
    await("a long call counts before it ends").until(() -> rules.struck(LINK) == 2);
    assertThat(copies.underWay()).isEqualTo(1);
    heard.getFirst().onCompleted();
    await().until(() -> copies.underWay() == 0);
    assertThat(rules.struck(LINK)).isEqualTo(2);
  }

  @Test
  void copyThatNobodyAnswersDoesNotCount() throws IOException {
    try (var silent = new ServerSocket(0, 10, loopback);
        var late = new Copies(silent.getLocalPort(), rules, Duration.ofMillis(300))) {
      late.send(REQUEST, LINK, rules.version());
      await("a connection that never comes up").until(() -> late.underWay() == 0);
    }
    copies.send(REQUEST, LINK, rules.version());
    await().until(() -> heard.size() == 1);
    heard.getFirst().onError(Status.CANCELLED.asRuntimeException());
    await("what may have been given up here").until(() -> copies.underWay() == 0);
    copies.send(REQUEST, LINK, rules.version());
    await().until(() -> heard.size() == 2);
    copies.close();
    await("the end of the run").until(() -> copies.underWay() == 0);
    assertThat(rules.struck(LINK)).isZero();
  }

  @Test
  void copyOfARuleThatIsOverDoesNotShowTheNextOne() {
    copies.send(REQUEST, LINK, rules.version());
    await().until(() -> heard.size() == 1);
    rules.set(Map.of(LINK, LinkRule.CUT));
    heard.getFirst().onError(Status.ABORTED.asRuntimeException());
    await().until(() -> copies.underWay() == 0);
    assertThat(rules.struck(LINK)).isZero();
  }

  @Test
  void requestThatCannotBeCopiedHarmsNothingAndTakesNoRoom() {
    var noHeader = request("test.Test/Say", Map.of("note-bin", "a,b"));
    for (int i = 0; i <= Copies.MOST_UNDER_WAY; i++) {
      copies.send(noHeader, LINK, rules.version());
    }
    assertThat(copies.underWay()).isZero();
    copies.send(REQUEST, LINK, rules.version());
    await().until(() -> heard.size() == 1);
    try (var endless = new Copies(node.getPort(), rules, Duration.ofSeconds(Long.MAX_VALUE))) {
      endless.send(REQUEST, LINK, rules.version());
      assertThat(endless.underWay()).as("a call that cannot begin").isZero();
    }
  }
}
