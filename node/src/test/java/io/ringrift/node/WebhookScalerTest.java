package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The webhook over a real socket.
final class WebhookScalerTest {
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<Integer> answers = new ConcurrentLinkedQueue<>();
  private HttpServer server;
  private WebhookScaler scaler;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/hook",
        exchange -> {
          bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          Integer answer = answers.poll();
          exchange.sendResponseHeaders(answer == null ? 204 : answer, -1);
          exchange.close();
        });
    server.start();
    var address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
    scaler = new WebhookScaler(address, "lab", Duration.ofSeconds(5), List.of("spot-*"));
  }

  @AfterEach
  void close() {
    scaler.close();
    server.stop(0);
  }

  @Test
  void onlyNodesThatItWasGivenAreTakenAway() {
    assertThat(scaler.mayRemove("spot-7")).isTrue();
    assertThat(scaler.mayRemove("trainer")).isFalse();
  }

  @Test
  void theOrderIsJson() {
    scaler.add(2, "up-7-1");
    scaler.remove("n9", "down-7-n9");
    assertThat(bodies)
        .containsExactly(
            "{\"action\":\"scale_up\",\"cluster_id\":\"lab\",\"key\":\"up-7-1\",\"nodes\":2}",
            "{\"action\":\"scale_down\",\"cluster_id\":\"lab\",\"key\":\"down-7-n9\","
                + "\"node_id\":\"n9\"}");
  }

  @Test
  void aBusyServiceIsAskedAgainWithTheSameKey() {
    answers.addAll(List.of(503, 500));
    scaler.add(1, "up-7-1");
    assertThat(bodies).hasSize(3).containsOnly(bodies.getFirst());
  }

  @Test
  void aServiceThatStaysBusyIsRefusedAfterThreeTries() {
    answers.addAll(List.of(503, 503, 503));
    assertThatThrownBy(() -> scaler.add(1, "up-7-1"))
        .isInstanceOfSatisfying(
            Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE))
        .hasMessageContaining("503");
    assertThat(bodies).hasSize(3);
  }

  @Test
  void aNoIsNotAskedAgain() {
    answers.add(403);
    assertThatThrownBy(() -> scaler.add(1, "up-7-1")).hasMessageContaining("403");
    assertThat(bodies).hasSize(1);
  }
}
