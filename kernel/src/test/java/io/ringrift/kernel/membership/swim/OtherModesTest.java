package io.ringrift.kernel.membership.swim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MembershipClient;
import io.ringrift.kernel.wire.PollCall;
import io.ringrift.kernel.wire.SwimCard;
import io.scalecube.cluster.Member;
import io.scalecube.cluster.membership.MemberStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A node in mode `swim` lets in nobody of another mode, and says which mode each of the two has.
final class OtherModesTest {
  private static final NodeId N2 = new NodeId("n2");
  private static final BootId BOOT = new BootId(77);
  private static final Intro INTRO =
      new Intro(
          N2,
          BOOT,
          Incarnation.ZERO,
          Optional.of(new Endpoint("n2", 8770)),
          Optional.empty(),
          Epoch.ZERO);

  private final SwimCluster cluster = new SwimCluster(Timing.local(), "n1", "n2");
  private final MembershipClient client = new MembershipClient(Duration.ofSeconds(5));
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void serve() throws IOException {
    String name = UUID.randomUUID().toString();
    var builder =
        InProcessServerBuilder.forName(name).directExecutor().intercept(new ErrorMapping());
    cluster.start("n1").services().forEach(builder::addService);
    server = builder.build().start();
    channel = InProcessChannelBuilder.forName(name).directExecutor().build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    server.shutdownNow();
    cluster.close();
  }

  private static void assertRefused(ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Reason.SETTINGS_MISMATCH);
              assertThat(refusal.text()).contains(words);
            });
  }

  @Test
  void helloOfANodeThatPollsIsRefusedNamingBothModes() {
    for (String mode : List.of("http", "hybrid")) {
      assertRefused(
          () -> client.hello(channel, INTRO, cluster.settingsIn(mode, "bully")),
          "membership_mode is swim against " + mode,
          "nodes n1 and n2");
    }
  }

  @Test
  void pollIsRefusedNamingBothModes() {
    assertRefused(
        () -> client.poll(channel, new PollCall(INTRO, "test", Optional.empty())),
        "membership_mode of n1 is swim",
        "n2 polls as in http or hybrid",
        "make them equal");
  }

  @Test
  void helloInTheSameModesSaysThatNobodyIsPolledHere() {
    assertRefused(
        () -> client.hello(channel, INTRO, cluster.settingsIn("swim", "bully")),
        "membership_mode of n1 is swim, which polls nobody");
  }

  @Test
  void memberOfAnotherModeOfConsensusIsNotSeenAndToldOfOnceAMinute() {
    var told = new ArrayList<String>();
    var cards =
        new CardCheck(
            cluster.config("n1", "test", Timing.local().lease()),
            new SwimMetrics(new SimpleMeterRegistry()),
            (trouble, text) -> told.add(trouble + " " + text));
    var row =
        new WireTypes.Row(
            new Member(Identity.member(N2, BOOT), "test", "127.0.0.1:7947", "c"),
            MemberStatus.ALIVE,
            0);
    byte[] card = new SwimCard(INTRO, cluster.settingsIn("swim", "raft"), 7947, true).bytes();
    var now = new Moment(0);
    assertThat(cards.sighting(row, card, now, now)).isEmpty();
    assertThat(cards.sighting(row, card, now, now.plus(Duration.ofSeconds(59)))).isEmpty();
    assertThat(told)
        .singleElement()
        .asString()
        .startsWith("SETTINGS_MISMATCH nodes n1 and n2 have different cluster settings")
        .contains("consensus_mode is bully against raft");
  }
}
