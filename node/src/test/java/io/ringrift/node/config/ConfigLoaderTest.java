package io.ringrift.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
  private static final String THREE =
      """
      cluster_id: lab
      timing: lan
      lease_duration: 9s
      voters:
        - {id: n1, host: 10.0.0.1, port: 8771, priority: 3}
        - {id: n2, host: 10.0.0.2, port: 8772}
        - {id: n3, host: 10.0.0.3}
      """;

  @TempDir Path folder;

  private final Map<String, String> env = new TreeMap<>();
  private final Map<String, String> flags = new TreeMap<>();

  private NodeConfig load(String yaml) {
    try {
      Path file = Files.writeString(folder.resolve("cluster.yaml"), yaml);
      return ConfigLoader.load(Optional.of(file), new Env(env), flags);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private NodeConfig bare() {
    return ConfigLoader.load(Optional.empty(), new Env(env), flags);
  }

  private Setting setting(NodeConfig config, String name) {
    return config.settings().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void everyDefaultIsPinned() {
    var config = bare();
    assertThat(config.clusterId()).isEqualTo("ringrift-cluster");
    assertThat(config.nodeId()).isEqualTo(new NodeId("standalone"));
    assertThat(config.listen()).isEqualTo(new NodeConfig.Listen("127.0.0.1", 8770));
    assertThat(config.advertise()).contains(new Endpoint("127.0.0.1", 8770));
    assertThat(config.voters()).isEmpty();
    assertThat(config.timing()).isEqualTo(Timing.wan());
    assertThat(config.stateDir()).endsWithRaw(Path.of("ringrift-data", "standalone", "state"));
    assertThat(config.dataRoot()).endsWithRaw(Path.of("ringrift-data", "standalone", "data"));
    assertThat(config.jobs())
        .isEqualTo(
            new NodeConfig.Jobs(
                Runtime.getRuntime().availableProcessors(), false, Duration.ofMinutes(5)));
    assertThat(config.queue()).isEqualTo(new NodeConfig.Queue(500, 1000));
    var off = NodeConfig.ScalingMode.OFF;
    var when = new NodeConfig.ScaleWhen(10, 2, Duration.ofMinutes(10));
    assertThat(config.scaling())
        .isEqualTo(
            new NodeConfig.Scaling(
                off, Optional.empty(), 2, 20, List.of("*"), when, Optional.empty()));
    assertThat(config.security().token()).isEmpty();
    assertThat(config.logLevel()).isEqualTo("info");
    assertThat(config.capabilities())
        .containsExactly(
            "selfplay", "training", "gauntlet", "export", "tournament", "validation", "shell");
    assertThat(config.warnings()).isEmpty();
  }

  @Test
  void everyKeyIsPinned() {
    assertThat(Key.values())
        .extracting(Key::path)
        .containsExactly(
            "node_id",
            "cluster_id",
            "bind_host",
            "port",
            "advertise_host",
            "advertise_port",
            "outbound_only",
            "insecure",
            "state_dir",
            "data_root",
            "shared_host",
            "capabilities",
            "voters",
            "seeds",
            "membership_mode",
            "consensus_mode",
            "swim_enabled",
            "swim_bind_port",
            "swim_ping_interval",
            "swim_suspicion_timeout",
            "swim_indirect_ping_count",
            "raft_enabled",
            "raft_bind_port",
            "raft_election_timeout",
            "raft_compaction_min_entries",
            "timing",
            "lease_duration",
            "renew_interval",
            "heartbeat_interval",
            "request_timeout",
            "election_timeout",
            "suspect_after",
            "dead_after",
            "retire_after",
            "purge_after",
            "gossip_interval",
            "max_drift_per_mille",
            "jobs.max_jobs",
            "jobs.allow_exec",
            "jobs.pending_expiry",
            "queue.soft_limit",
            "queue.hard_limit",
            "sync.interval",
            "sync.replication_target",
            "sync.max_concurrent",
            "sync.bandwidth",
            "sync.max_disk_percent",
            "sync.min_free_percent",
            "sync.excluded_hosts",
            "sync.priority_hosts",
            "sync.peer_bandwidth",
            "sync.max_per_peer",
            "sync.ranges_from",
            "sync.max_sources",
            "sync.partial_age",
            "sync.gc",
            "sync.gc_keep_models",
            "sync.gc_age",
            "selfplay.enabled",
            "selfplay.configs",
            "selfplay.workload",
            "selfplay.search_workload",
            "selfplay.engine",
            "selfplay.model_engine",
            "selfplay.games_per_item",
            "selfplay.min_queue_depth",
            "selfplay.target_queue_depth",
            "selfplay.target_games",
            "selfplay.min_memory_gb",
            "selfplay.large_board_memory_gb",
            "selfplay.jobs_per_cpu",
            "selfplay.cpu_only_jobs",
            "scaling.mode",
            "scaling.webhook",
            "scaling.min_nodes",
            "scaling.max_nodes",
            "scaling.removable_hosts",
            "scaling.up_above",
            "scaling.down_below",
            "scaling.cooldown",
            "security.token",
            "security.token_file",
            "security.tls_ca",
            "security.tls_certificate",
            "security.tls_key",
            "log");
  }

  @ParameterizedTest
  @CsvSource({
    "RINGRIFT_HEARTBEAT_INTERVAL,heartbeat_interval,7",
    "RINGRIFT_P2P_HEARTBEAT_INTERVAL,heartbeat_interval,7",
    "RINGRIFT_PEER_TIMEOUT,dead_after,50",
    "RINGRIFT_P2P_PEER_TIMEOUT,dead_after,50",
    "RINGRIFT_P2P_LEADER_LEASE_SECONDS,lease_duration,90",
    "RINGRIFT_P2P_LEADER_LEASE_DURATION,lease_duration,90",
    "RINGRIFT_P2P_PORT,port,9001",
    "RINGRIFT_NODE_ID,node_id,n9",
    "RINGRIFT_CLUSTER_NAME,cluster_id,lab",
    "RINGRIFT_P2P_STATE_DIR,state_dir,/tmp/s",
    "RINGRIFT_P2P_STORAGE_ROOT,data_root,/tmp/d",
    "RINGRIFT_TIMING,timing,local",
    "RINGRIFT_MEMBERSHIP_MODE,membership_mode,http",
    "RINGRIFT_CONSENSUS_MODE,consensus_mode,bully",
    "RINGRIFT_WORK_QUEUE_HARD_LIMIT,queue.hard_limit,2000",
    "RINGRIFT_LOG,log,debug"
  })
  void variableOfTheSpecSetsItsKey(String variable, String key, String value) {
    env.put(variable, value);
    assertThat(setting(bare(), key)).isEqualTo(new Setting(key, value, Origin.ENV, variable));
  }

  @Test
  void flagWinsOverEnvironmentOverFileOverPreset() {
    env.put("RINGRIFT_NODE_ID", "n1");
    assertThat(load(THREE).timing().lease()).isEqualTo(Duration.ofSeconds(9));
    env.put("RINGRIFT_LEASE_DURATION", "10s");
    assertThat(load(THREE).timing().lease()).isEqualTo(Duration.ofSeconds(10));
    flags.put("lease_duration", "11s");
    var config = load(THREE);
    assertThat(config.timing().lease()).isEqualTo(Duration.ofSeconds(11));
    assertThat(setting(config, "lease_duration").origin()).isEqualTo(Origin.FLAG);
    assertThat(setting(config, "renew_interval"))
        .isEqualTo(new Setting("renew_interval", "1500ms", Origin.PRESET, "preset"));
  }

  @Test
  void ownVoterEntryGivesPortAndAddress() {
    flags.put("node_id", "n1");
    flags.put("bind_host", "127.0.0.1");
    var config = load(THREE);
    assertThat(config.listen().port()).isEqualTo(8771);
    assertThat(config.advertise()).contains(new Endpoint("10.0.0.1", 8771));
    assertThat(config.voters())
        .containsExactly(
            new Voter(new NodeId("n1"), new Endpoint("10.0.0.1", 8771), 3),
            new Voter(new NodeId("n2"), new Endpoint("10.0.0.2", 8772), 0),
            new Voter(new NodeId("n3"), new Endpoint("10.0.0.3", 8770), 0));
  }

  @Test
  void fiveFaultsAreToldAtOnce() {
    flags.put("node_id", "n1");
    env.put("RINGRIFT_P2P_PORT", "seventy");
    env.put("RINGRIFT_CONSENSUS_MODE", "paxos");
    assertThatThrownBy(
            () ->
                load(
                    """
                    cluster_id: "no blanks allowed"
                    lease_duration: soon
                    voters:
                      - {id: n1, host: 10.0.0.1}
                      - {id: n1, host: 10.0.0.2}
                    """))
        .asInstanceOf(type(Refusal.class))
        .extracting(Refusal::text)
        .asString()
        .startsWith("the configuration has 5 faults and was not taken:")
        .contains("cluster_id (")
        .contains("lease_duration (")
        .contains("port (RINGRIFT_P2P_PORT) is \"seventy\"")
        .contains("consensus_mode (RINGRIFT_CONSENSUS_MODE) is \"paxos\"")
        .contains("voters is \"n1\" but must be named once");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "heartbeat_interval: 40s",
        "lease_duration: 10s",
        "timing: fast",
        "bind_host: 0.0.0.0",
        "queue: {soft_limit: 20, hard_limit: 10}",
        "membership_mode: serf",
        "swim_enabled: true",
        "protocols: {raft: {enabled: true}}",
        "voters: [n1]",
        "port: 0",
        "jobs: {max_jobs: -1}",
        "workloads: {x: {job_type: shell, argv: echo}}",
        "loops: {data_sync: 1ms}",
        "sync: {gc: perhaps}",
        "sync: {gc_keep_models: -1}",
        "sync: {gc_keep_models: 100000}",
        "sync: {gc_age: 0s}",
        "sync: {ranges_from: 1kB}",
        "sync: {ranges_from: -1}",
        "sync: {max_sources: 0}",
        "sync: {max_sources: 17}",
        "sync: {partial_age: 5s}",
        "sync: {bandwidth: -1}",
        "sync: {bandwidth: fast}",
        "sync: {bandwidth: 100}",
        "sync: {peer_bandwidth: 8kB}",
        "sync: {peer_bandwidth: -1}",
        "sync: {max_per_peer: 0}",
        "log: loud",
        "cluster_id: a\ncluster_id: b",
        "[1, 2]",
        "cluster_id: {"
      })
  void faultyFileIsRefused(String yaml) {
    assertThatThrownBy(() -> load(yaml)).isInstanceOf(Refusal.class);
  }

  @Test
  void unknownKeysAndVariablesWarn() {
    env.put("RINGRIFT_P2P_VOTER_MIN_QUORUM", "2");
    assertThat(load("clusterid: x\njobs: {maxjobs: 3}\nhosts: {}\n").warnings())
        .hasSize(3)
        .anyMatch(w -> w.contains("RINGRIFT_P2P_VOTER_MIN_QUORUM"))
        .anyMatch(w -> w.contains("clusterid"))
        .anyMatch(w -> w.contains("jobs.maxjobs"));
  }

  @Test
  void zeroIsAValue() {
    assertThat(load("jobs: {max_jobs: 0}\nsync: {bandwidth: 0}\n"))
        .satisfies(c -> assertThat(c.jobs().maxJobs()).isZero())
        .satisfies(c -> assertThat(c.sync().caps().bytesPerSecond()).isZero());
  }

  @Test
  void emptyTokenInTheEnvironmentIsAValue() {
    env.put("RINGRIFT_CLUSTER_AUTH_TOKEN", "");
    assertThat(load("security: {token: abc}\n").security().token()).isEmpty();
  }

  @Test
  void tokenIsMaskedInTheSettings() {
    env.put("RINGRIFT_CLUSTER_AUTH_TOKEN", "s3cret");
    var config = bare();
    assertThat(config.security().token()).contains("s3cret");
    assertThat(config.toString()).doesNotContain("s3cret");
    assertThat(setting(config, "security.token").value()).isEqualTo("***");
  }

  @Test
  void twoNamesOfOneSettingThatDisagreeAreRefused() {
    env.put("RINGRIFT_HEARTBEAT_INTERVAL", "7");
    env.put("RINGRIFT_P2P_HEARTBEAT_INTERVAL", "8");
    assertThatThrownBy(this::bare).hasMessageContaining("different values");
  }

  @Test
  void votersOfTheEnvironmentAreTrimmedAndNamedOnce() {
    flags.put("node_id", "a");
    env.put("RINGRIFT_P2P_VOTERS", " b , a,b,");
    var config = load("hosts: {a: {ssh_host: h1, p2p_port: 1001}, b: {host: h2}, c: {host: h3}}\n");
    assertThat(config.voters())
        .containsExactly(
            new Voter(new NodeId("b"), new Endpoint("h2", 8770), 0),
            new Voter(new NodeId("a"), new Endpoint("h1", 1001), 0));
    assertThat(setting(config, "voters").origin()).isEqualTo(Origin.ENV);
  }

  @Test
  void offlineHostStillCountsAsVoter() {
    flags.put("node_id", "a");
    assertThat(
            load("""
            p2p_voters: [a, b]
            hosts:
              a: {host: h1}
              b: {host: h2, status: offline}
            """)
                .voters())
        .hasSize(2);
  }

  @Test
  void natBlockedHostDialsOutOnly() {
    flags.put("node_id", "w");
    var config =
        load(
            """
            voters: [{id: a, host: h1}]
            hosts: {w: {nat_blocked: true, training_enabled: false}}
            """);
    assertThat(config.outboundOnly()).isTrue();
    assertThat(config.capabilities()).contains("selfplay").doesNotContain("training");
  }

  @Test
  void nodeThatTheFileDoesNotNameIsRefused() {
    flags.put("node_id", "stranger");
    assertThatThrownBy(() -> load(THREE)).hasMessageContaining("stranger");
  }

  @Test
  void memberOfAClusterHasToBeNamed() {
    assertThatThrownBy(() -> load(THREE)).hasMessageContaining("--node-id");
  }

  @Test
  void missingFileIsTold() {
    assertThatThrownBy(
            () -> ConfigLoader.load(Optional.of(folder.resolve("none.yaml")), new Env(env), flags))
        .hasMessageContaining("none.yaml");
  }
}
