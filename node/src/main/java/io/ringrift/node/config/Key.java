package io.ringrift.node.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Every scalar setting: its name (which is also its path in the file and, with dashes, its flag),
/// its default, and the names of SPEC 9 and SPEC 1.10 that mean the same. Each can also be set as
/// `RINGRIFT_` and the name in upper case.
@SuppressWarnings("ImmutableEnumChecker") // its lists are unmodifiable copies
public enum Key {
  NODE_ID("node_id", "", List.of(), List.of()),
  CLUSTER_ID(
      "cluster_id", "ringrift-cluster", List.of("RINGRIFT_CLUSTER_NAME"), List.of("cluster_name")),
  BIND_HOST("bind_host", "127.0.0.1", List.of("RINGRIFT_P2P_BIND_ADDR"), List.of()),
  PORT("port", "8770", List.of("RINGRIFT_P2P_PORT"), List.of("p2p_port")),
  ADVERTISE_HOST("advertise_host", "", List.of(), List.of()),
  ADVERTISE_PORT("advertise_port", "", List.of(), List.of()),
  OUTBOUND_ONLY("outbound_only", "false", List.of(), List.of()),
  INSECURE("insecure", "false", List.of(), List.of()),
  STATE_DIR("state_dir", "", List.of("RINGRIFT_P2P_STATE_DIR"), List.of()),
  DATA_ROOT(
      "data_root", "", List.of("RINGRIFT_P2P_STORAGE_ROOT", "RINGRIFT_STORAGE_ROOT"), List.of()),
  SHARED_HOST("shared_host", "", List.of(), List.of()),
  CAPABILITIES("capabilities", "", List.of(), List.of()),
  VOTERS("voters", "", List.of("RINGRIFT_P2P_VOTERS"), List.of()),
  SEEDS("seeds", "", List.of("RINGRIFT_P2P_BOOTSTRAP_SEEDS"), List.of()),
  MEMBERSHIP_MODE("membership_mode", "http", List.of(), List.of("protocols.membership_mode")),
  CONSENSUS_MODE("consensus_mode", "bully", List.of(), List.of("protocols.consensus_mode")),
  SWIM_ENABLED("swim_enabled", "", List.of(), List.of("protocols.swim.enabled")),
  SWIM_BIND_PORT("swim_bind_port", "7947", List.of(), List.of("protocols.swim.bind_port")),
  SWIM_PING_INTERVAL("swim_ping_interval", "", List.of(), List.of("protocols.swim.ping_interval")),
  SWIM_SUSPICION(
      "swim_suspicion_timeout", "", List.of(), List.of("protocols.swim.suspicion_timeout")),
  SWIM_INDIRECT_PINGS(
      "swim_indirect_ping_count", "", List.of(), List.of("protocols.swim.indirect_ping_count")),
  RAFT_ENABLED("raft_enabled", "", List.of(), List.of("protocols.raft.enabled")),
  RAFT_BIND_PORT("raft_bind_port", "4321", List.of(), List.of("protocols.raft.bind_port")),
  RAFT_ELECTION_TIMEOUT(
      "raft_election_timeout", "", List.of(), List.of("protocols.raft.election_timeout")),
  RAFT_COMPACTION(
      "raft_compaction_min_entries",
      "1000",
      List.of(),
      List.of("protocols.raft.compaction_min_entries")),
  TIMING("timing", "wan", List.of(), List.of("timing.preset")),
  LEASE(
      "lease_duration",
      "",
      List.of("RINGRIFT_P2P_LEADER_LEASE_SECONDS", "RINGRIFT_P2P_LEADER_LEASE_DURATION"),
      List.of("timing.lease_duration")),
  RENEW("renew_interval", "", List.of(), List.of("timing.renew_interval")),
  HEARTBEAT(
      "heartbeat_interval",
      "",
      List.of("RINGRIFT_P2P_HEARTBEAT_INTERVAL"),
      List.of("timing.heartbeat_interval")),
  REQUEST_TIMEOUT(
      "request_timeout",
      "",
      List.of("RINGRIFT_P2P_HTTP_TOTAL_TIMEOUT"),
      List.of("timing.request_timeout")),
  ELECTION_TIMEOUT(
      "election_timeout",
      "",
      List.of("RINGRIFT_P2P_ELECTION_TIMEOUT"),
      List.of("timing.election_timeout")),
  SUSPECT_AFTER(
      "suspect_after",
      "",
      List.of("RINGRIFT_P2P_SUSPECT_TIMEOUT"),
      List.of("timing.suspect_after")),
  DEAD_AFTER(
      "dead_after",
      "",
      List.of("RINGRIFT_PEER_TIMEOUT", "RINGRIFT_P2P_PEER_TIMEOUT"),
      List.of("timing.dead_after", "peer_timeout")),
  RETIRE_AFTER(
      "retire_after",
      "",
      List.of("RINGRIFT_P2P_PEER_RETIRE_AFTER_SECONDS"),
      List.of("timing.retire_after")),
  PURGE_AFTER(
      "purge_after",
      "",
      List.of("RINGRIFT_P2P_PEER_PURGE_AFTER", "RINGRIFT_P2P_PEER_PURGE_AFTER_SECONDS"),
      List.of("timing.purge_after")),
  GOSSIP(
      "gossip_interval",
      "",
      List.of("RINGRIFT_P2P_GOSSIP_INTERVAL"),
      List.of("timing.gossip_interval")),
  MAX_DRIFT("max_drift_per_mille", "", List.of(), List.of("timing.max_drift_per_mille")),
  MAX_JOBS("jobs.max_jobs", "", List.of("RINGRIFT_MAX_ACTIVE_PROCESSES"), List.of()),
  ALLOW_EXEC("jobs.allow_exec", "false", List.of(), List.of()),
  PENDING_EXPIRY("jobs.pending_expiry", "300s", List.of(), List.of()),
  QUEUE_SOFT("queue.soft_limit", "500", List.of("RINGRIFT_WORK_QUEUE_SOFT_LIMIT"), List.of()),
  QUEUE_HARD("queue.hard_limit", "1000", List.of("RINGRIFT_WORK_QUEUE_HARD_LIMIT"), List.of()),
  SYNC_INTERVAL("sync.interval", "60s", List.of(), List.of("auto_sync.interval")),
  REPLICATION_TARGET(
      "sync.replication_target", "3", List.of(), List.of("sync_routing.replication_target")),
  SYNC_CONCURRENT("sync.max_concurrent", "4", List.of(), List.of("auto_sync.max_concurrent_syncs")),
  SYNC_BANDWIDTH("sync.bandwidth", "100MB", List.of(), List.of("auto_sync.bandwidth_limit")),
  SYNC_MAX_DISK(
      "sync.max_disk_percent",
      "",
      List.of("RINGRIFT_MAX_DISK_PERCENT"),
      List.of("sync_routing.max_disk_usage_percent")),
  SYNC_MIN_FREE(
      "sync.min_free_percent",
      "0",
      List.of(),
      List.of("sync_routing.min_free_disk", "sync_routing.min_free_disk_percent")),
  SYNC_EXCLUDED("sync.excluded_hosts", "", List.of(), List.of("sync_routing.excluded_hosts")),
  SYNC_PREFERRED("sync.priority_hosts", "", List.of(), List.of("sync_routing.priority_hosts")),
  SYNC_PEER_BANDWIDTH("sync.peer_bandwidth", "0", List.of(), List.of()),
  SYNC_MAX_PER_PEER("sync.max_per_peer", "4", List.of(), List.of()),
  SYNC_RANGES_FROM("sync.ranges_from", "64MiB", List.of(), List.of()),
  SYNC_MAX_SOURCES("sync.max_sources", "4", List.of(), List.of()),
  SYNC_PARTIAL_AGE("sync.partial_age", "24h", List.of(), List.of()),
  SYNC_GC("sync.gc", "true", List.of(), List.of()),
  SYNC_GC_MODELS("sync.gc_keep_models", "5", List.of(), List.of()),
  SYNC_GC_AGE("sync.gc_age", "24h", List.of(), List.of()),
  SELFPLAY_ENABLED("selfplay.enabled", "false", List.of(), List.of()),
  SELFPLAY_CONFIGS("selfplay.configs", "", List.of(), List.of()),
  SELFPLAY_WORKLOAD("selfplay.workload", "hex-selfplay", List.of(), List.of()),
  SELFPLAY_SEARCH_WORKLOAD("selfplay.search_workload", "", List.of(), List.of()),
  SELFPLAY_ENGINE("selfplay.engine", "mcts", List.of(), List.of()),
  SELFPLAY_MODEL_ENGINE("selfplay.model_engine", "nn", List.of(), List.of()),
  SELFPLAY_GAMES("selfplay.games_per_item", "50", List.of(), List.of()),
  SELFPLAY_LEAST("selfplay.min_queue_depth", "50", List.of(), List.of()),
  SELFPLAY_DEPTH(
      "selfplay.target_queue_depth", "50", List.of("RINGRIFT_WORK_QUEUE_TARGET_DEPTH"), List.of()),
  SELFPLAY_TARGET_GAMES("selfplay.target_games", "10000", List.of(), List.of()),
  SELFPLAY_MIN_MEMORY(
      "selfplay.min_memory_gb", "", List.of("RINGRIFT_P2P_MIN_MEMORY_GB"), List.of()),
  SELFPLAY_LARGE_BOARD("selfplay.large_board_memory_gb", "", List.of(), List.of()),
  SELFPLAY_JOBS_PER_CPU("selfplay.jobs_per_cpu", "", List.of(), List.of()),
  SELFPLAY_CPU_ONLY("selfplay.cpu_only_jobs", "0", List.of(), List.of()),
  SCALING_MODE("scaling.mode", "off", List.of(), List.of()),
  SCALING_WEBHOOK("scaling.webhook", "", List.of(), List.of()),
  SCALING_MIN("scaling.min_nodes", "2", List.of(), List.of()),
  SCALING_MAX("scaling.max_nodes", "20", List.of(), List.of()),
  SCALING_REMOVABLE("scaling.removable_hosts", "*", List.of(), List.of()),
  SCALING_UP("scaling.up_above", "10", List.of(), List.of()),
  SCALING_DOWN("scaling.down_below", "2", List.of(), List.of()),
  SCALING_COOLDOWN("scaling.cooldown", "10m", List.of(), List.of()),
  TOKEN("security.token", "", List.of("RINGRIFT_CLUSTER_AUTH_TOKEN"), List.of()),
  TOKEN_FILE("security.token_file", "", List.of("RINGRIFT_CLUSTER_AUTH_TOKEN_FILE"), List.of()),
  TLS_CA("security.tls_ca", "", List.of(), List.of()),
  TLS_CERTIFICATE("security.tls_certificate", "", List.of(), List.of()),
  TLS_KEY("security.tls_key", "", List.of(), List.of()),
  LOG("log", "info", List.of(), List.of());

  private final String path;
  private final String fallback;
  private final List<String> variables;
  private final List<String> otherPaths;

  Key(String path, String fallback, List<String> variables, List<String> otherPaths) {
    this.path = path;
    this.fallback = fallback;
    var all = new ArrayList<String>();
    all.add("RINGRIFT_" + path.toUpperCase(Locale.ROOT).replace('.', '_'));
    all.addAll(variables);
    this.variables = List.copyOf(all);
    this.otherPaths = List.copyOf(otherPaths);
  }

  /// Name, for example `jobs.max_jobs`.
  public String path() {
    return path;
  }

  /// Default as text; empty when it depends on other settings.
  public String fallback() {
    return fallback;
  }

  /// Flag, for example `--jobs-max-jobs`.
  public String flag() {
    return "--" + path.replace('_', '-').replace('.', '-');
  }

  /// Variables that set it.
  public List<String> variables() {
    return variables;
  }

  /// Other paths in the file that set it.
  List<String> otherPaths() {
    return otherPaths;
  }

  boolean secret() {
    return this == TOKEN;
  }
}
