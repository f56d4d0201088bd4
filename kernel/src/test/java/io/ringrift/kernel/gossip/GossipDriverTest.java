package io.ringrift.kernel.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Exchange;
import io.ringrift.kernel.wire.GossipRpc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GossipDriverTest {
  private final String prefix = UUID.randomUUID().toString();
  private final Map<NodeId, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final List<Server> servers = new ArrayList<>();
  private final List<GossipDriver> drivers = new ArrayList<>();

  @AfterEach
  void close() {
    drivers.forEach(GossipDriver::close);
    servers.forEach(Server::shutdownNow);
    channels.values().forEach(ManagedChannel::shutdownNow);
  }

  @Test
  void factsSpreadEvenFromANodeThatCanOnlyDialOut() throws IOException {
    var n1 = start("n1", false);
    var n2 = start("n2", false);
    var w = start("w", true);
    n1.publish("one".getBytes(StandardCharsets.UTF_8));
    w.publish("out".getBytes(StandardCharsets.UTF_8));

    await()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () -> {
              assertThat(n2.postings()).containsOnlyKeys(new NodeId("n1"), new NodeId("w"));
              assertThat(w.postings()).containsOnlyKeys(new NodeId("n1"), new NodeId("w"));
            });
  }

  @Test
  void anotherClustersGossipIsRefused() throws IOException {
    start("n1", false);
    var ask = new Exchange.Ask(new NodeId("x"), "other", List.of(), List.of());

    assertThatThrownBy(() -> GossipRpc.call(channel(new NodeId("n1")), ask, Duration.ofSeconds(10)))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.WRONG_CLUSTER))
        .hasMessageContaining("\"other\"")
        .hasMessageContaining("\"test\"");
  }

  private GossipDriver start(String id, boolean outboundOnly) throws IOException {
    var self = new NodeId(id);
    var driver =
        GossipDriver.open(
            new GossipConfig(self, new BootId(1), 0, "test", outboundOnly, Timing.local()),
            new GossipPorts(
                Ticker.system(),
                () -> List.of(member("n1", false), member("n2", false), member("w", true)),
                node -> Optional.of(channel(node)),
                new SimpleMeterRegistry()));
    drivers.add(driver);
    servers.add(
        InProcessServerBuilder.forName(prefix + self).addService(driver.service()).build().start());
    return driver;
  }

  private Channel channel(NodeId node) {
    return channels.computeIfAbsent(
        node, id -> InProcessChannelBuilder.forName(prefix + id).build());
  }

  private static Member member(String id, boolean outboundOnly) {
    return new Member(
        new NodeId(id),
        new BootId(1),
        Incarnation.ZERO,
        MemberState.ALIVE,
        outboundOnly ? Optional.empty() : Optional.of(new Endpoint(id, 8770)),
        !outboundOnly,
        outboundOnly,
        new Moment(0),
        false,
        0);
  }
}
