package io.ringrift.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ModesTest {
  private static final String ONE_HOST =
      """
      voters:
        - {id: n1, host: 127.0.0.1, port: 8770}
        - {id: n2, host: 127.0.0.1, port: 8771}
        - {id: n3, host: 127.0.0.1, port: 8772}
      """;
  private static final String OWN_PORTS =
      """
      voters:
        - {id: n1, host: 127.0.0.1, port: 8770, raft_port: 4001, swim_port: 5001}
        - {id: n2, host: 127.0.0.1, port: 8771, raft_port: 4002, swim_port: 5002}
      """;

  @TempDir Path folder;

  private NodeConfig load(String yaml, Map<String, String> environment) throws IOException {
    Path file = Files.writeString(folder.resolve("cluster.yaml"), yaml);
    return ConfigLoader.load(
        Optional.of(file), new Env(environment), new HashMap<>(Map.of("node_id", "n1")));
  }

  @Test
  void votersOnOneHostNeedPortsOfTheirOwnForRaft() {
    assertThatThrownBy(() -> load(ONE_HOST, Map.of("RINGRIFT_CONSENSUS_MODE", "raft")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("n1 and n2 share 127.0.0.1:4321")
        .hasMessageContaining("raft_port");
  }

  @Test
  void votersOnOneHostNeedPortsOfTheirOwnForSwim() {
    assertThatThrownBy(() -> load(ONE_HOST, Map.of("RINGRIFT_MEMBERSHIP_MODE", "hybrid")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("n1 and n2 share 127.0.0.1:7947")
        .hasMessageContaining("swim_port");
  }

  @ParameterizedTest
  @CsvSource({
    "raft, RINGRIFT_CONSENSUS_MODE, raft, RINGRIFT_RAFT_ENABLED, consensus_mode",
    "raft, RINGRIFT_CONSENSUS_MODE, hybrid, RINGRIFT_RAFT_ENABLED, consensus_mode",
    "swim, RINGRIFT_MEMBERSHIP_MODE, swim, RINGRIFT_SWIM_ENABLED, membership_mode",
    "swim, RINGRIFT_MEMBERSHIP_MODE, hybrid, RINGRIFT_SWIM_ENABLED, membership_mode"
  })
  void modeThatNeedsALibraryWhichIsDisabledIsRefusedNamingBothSettings(
      String library, String modeVariable, String mode, String enabled, String key) {
    assertThatThrownBy(() -> load(OWN_PORTS, Map.of(modeVariable, mode, enabled, "false")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(library + "_enabled (" + enabled + ") is false")
        .hasMessageContaining(key + " (" + modeVariable + ") is " + mode)
        .hasMessageContaining("the mode alone decides whether " + library + " runs")
        .hasMessageContaining("make them agree or unset the first");
  }

  @ParameterizedTest
  @CsvSource({
    "raft_enabled, RINGRIFT_RAFT_ENABLED, consensus_mode is bully",
    "swim_enabled, RINGRIFT_SWIM_ENABLED, membership_mode is http"
  })
  void enabledLibraryThatTheModeDoesNotUseIsRefusedToo(String key, String enabled, String mode) {
    assertThatThrownBy(() -> load(OWN_PORTS, Map.of(enabled, "true")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(key + " (" + enabled + ") is true but " + mode);
  }

  @ParameterizedTest
  @ValueSource(strings = {"unset", "", "true"})
  void libraryThatIsNotDisabledFollowsItsMode(String enabled) throws IOException {
    var environment = new HashMap<String, String>();
    environment.put("RINGRIFT_CONSENSUS_MODE", "raft");
    environment.put("RINGRIFT_MEMBERSHIP_MODE", "swim");
    if (!enabled.equals("unset")) {
      environment.put("RINGRIFT_RAFT_ENABLED", enabled);
      environment.put("RINGRIFT_SWIM_ENABLED", enabled);
    }
    var config = load(OWN_PORTS, environment);
    assertThat(config.consensusMode()).isEqualTo(ConsensusMode.RAFT);
    assertThat(config.membershipMode()).isEqualTo(MembershipMode.SWIM);
  }

  @ParameterizedTest
  @EnumSource(
      value = ConsensusMode.class,
      names = {"RAFT", "HYBRID"})
  void disabledRaftIsAnObstacleToEveryModeThatNeedsIt(ConsensusMode mode) throws IOException {
    var disabled = load(OWN_PORTS, Map.of("RINGRIFT_RAFT_ENABLED", "no"));
    assertThat(disabled.obstacles(mode))
        .singleElement()
        .asString()
        .contains("raft_enabled (RINGRIFT_RAFT_ENABLED) is no")
        .contains("unset it and start this node again");
    assertThat(disabled.obstacles(ConsensusMode.BULLY)).isEmpty();
    assertThat(load(OWN_PORTS, Map.of()).obstacles(mode)).isEmpty();
  }

  /// The cluster may leave raft while it runs, and come back to it.
  @Test
  void enabledRaftIsNoObstacle() throws IOException {
    var enabled = Map.of("RINGRIFT_CONSENSUS_MODE", "raft", "RINGRIFT_RAFT_ENABLED", "true");
    assertThat(load(OWN_PORTS, enabled).obstacles(ConsensusMode.RAFT)).isEmpty();
  }

  @Test
  void portsThatNoModeUsesMayCollide() throws IOException {
    assertThat(load(ONE_HOST, Map.of()).voters()).hasSize(3);
  }

  @Test
  void nodeBindsThePortsThatTheVotersListGivesIt() throws IOException {
    var config = load(OWN_PORTS, Map.of());
    assertThat(config.raft().bindPort()).isEqualTo(4001);
    assertThat(config.swim().bindPort()).isEqualTo(5001);
    assertThat(config.voters().get(1).raft()).isEqualTo(new Endpoint("127.0.0.1", 4002));
    assertThat(config.voters().get(1).swim()).isEqualTo(new Endpoint("127.0.0.1", 5002));
  }

  @Test
  void portSetForThisNodeIsBoundWhileTheListedOneIsAdvertised() throws IOException {
    var config =
        load(
            OWN_PORTS,
            Map.of("RINGRIFT_RAFT_BIND_PORT", "6001", "RINGRIFT_SWIM_BIND_PORT", "6002"));
    assertThat(config.raft().bindPort()).isEqualTo(6001);
    assertThat(config.voters().getFirst().raftPort()).isEqualTo(4001);
    assertThat(config.swim().bindPort()).isEqualTo(6002);
    assertThat(config.swim().advertisePort()).isEqualTo(5001);
  }

  @Test
  void figuresFollowFromTheTimingUntilSet() throws IOException {
    var config = load(OWN_PORTS, Map.of());
    assertThat(config.raft().electionTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.raft().compactionMinEntries()).isEqualTo(1000);
    assertThat(config.swim().pingInterval()).isEmpty();
    var set =
        load(
            OWN_PORTS,
            Map.of(
                "RINGRIFT_TIMING", "lan",
                "RINGRIFT_SWIM_PING_INTERVAL", "0.5",
                "RINGRIFT_SWIM_INDIRECT_PING_COUNT", "7",
                "RINGRIFT_RAFT_COMPACTION_MIN_ENTRIES", "5000"));
    assertThat(set.raft().electionTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(load(OWN_PORTS, Map.of("RINGRIFT_TIMING", "local")).raft().electionTimeout())
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(set.raft().compactionMinEntries()).isEqualTo(5000);
    assertThat(set.swim().pingInterval()).contains(Duration.ofMillis(500));
    assertThat(set.swim().indirectPings()).isEqualTo(OptionalInt.of(7));
  }

  @Test
  void badFiguresAreToldTogether() {
    assertThatThrownBy(
            () ->
                load(
                    OWN_PORTS,
                    Map.of(
                        "RINGRIFT_RAFT_ELECTION_TIMEOUT", "10ms",
                        "RINGRIFT_SWIM_PING_INTERVAL", "0",
                        "RINGRIFT_SWIM_INDIRECT_PING_COUNT", "99",
                        "RINGRIFT_RAFT_BIND_PORT", "70000",
                        "RINGRIFT_SECURITY_TLS_CA", "nowhere.pem")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("raft_election_timeout")
        .hasMessageContaining("swim_ping_interval")
        .hasMessageContaining("swim_indirect_ping_count")
        .hasMessageContaining("raft_bind_port")
        .hasMessageContaining("nowhere.pem")
        .hasMessageContaining("security.tls_key");
  }

  @Test
  void portWithoutTokenIsNotOpenedBeyondLoopback() {
    String yaml = OWN_PORTS + "bind_host: 0.0.0.0\nsecurity: {token: secret}\n";
    assertThatThrownBy(() -> load(yaml, Map.of("RINGRIFT_CONSENSUS_MODE", "raft")))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("opens a port for Raft on 0.0.0.0 that no token guards")
        .hasMessageContaining("security.tls_ca");
  }
}
