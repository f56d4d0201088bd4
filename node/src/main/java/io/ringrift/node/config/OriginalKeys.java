package io.ringrift.node.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Keys of the original's files (SPEC 1.10) that mean nothing here, and why, so that nobody trusts
/// in one. Those that do mean something are other paths of a `Key`, or are read with their section.
final class OriginalKeys {
  /// Keys of a host that are read.
  private static final Set<String> HOST =
      Set.of(
          "host",
          "port",
          "tailscale_ip",
          "ssh_host",
          "p2p_port",
          "p2p_enabled",
          "p2p_voter",
          "raft_port",
          "swim_port",
          "nat_blocked",
          "force_relay_mode",
          "selfplay_enabled",
          "training_enabled",
          "gauntlet_enabled",
          "export_enabled",
          "cpus",
          "memory_gb",
          "gpu",
          "status",
          "bandwidth_mbps");

  private static final Pattern PROVIDER =
      Pattern.compile(
          "hosts\\.\\*\\.((provider|vast|lambda|runpod|nebius|vultr|hetzner|instance)(_.*)?|.*_id)");

  private static final String NO_SSH = "nodes start, reach and update each other without SSH";
  private static final String NO_RELAYS =
      "a node that cannot be dialled keeps a connection of its own to every voter";
  private static final String DISKS =
      "sync.max_disk_percent says how full a disk may become, and sync.gc removes what nobody"
          + " needs";
  private static final String OWN_DISKS = "files lie under the data root of nodes and nowhere else";

  private static final Map<String, String> REASONS = reasons();

  private OriginalKeys() {}

  private static Map<String, String> reasons() {
    var reasons = new LinkedHashMap<String, String>();
    for (String key :
        List.of("ssh_port", "ssh_user", "ssh_key", "ringrift_path", "venv_activate")) {
      reasons.put("hosts.*." + key, NO_SSH);
    }
    for (String key :
        List.of("relay_primary", "relay_secondary", "relay_tertiary", "relay_quaternary")) {
      reasons.put("hosts.*." + key, NO_RELAYS);
    }
    reasons.put("hosts.*.relay_capable", NO_RELAYS);
    reasons.put("hosts.*.role", "selfplay_enabled, training_enabled and so on say what it does");
    reasons.put("hosts.*.gpu_vram_gb", "the name of the GPU tells how strong it is");
    reasons.put("hosts.*.is_ephemeral", "every node may vanish at any time");
    reasons.put("hosts.*.is_container", "a container is a node like any other");
    reasons.put("hosts.*.storage_paths", "set data_root at the node");
    reasons.put("protocols.swim.failure_timeout", "swim_suspicion_timeout and dead_after decide");
    reasons.put("protocols.raft.auto_unlock_time", "there are no locks: claims have leases");
    reasons.put("protocols.raft.use_manual_tick", "Raft has clocks of its own");
    reasons.put("raft_members", "the voters are the members");
    reasons.put("sync_routing.target", DISKS);
    reasons.put("sync_routing.target_disk_usage_percent", DISKS);
    reasons.put(
        "sync_routing.underserved_configs",
        "every file is brought in any case; selfplay.board_overrides says what is played more");
    reasons.put("sync_routing.allowed_external_storage", OWN_DISKS);
    reasons.put("sync_routing.s3", OWN_DISKS);
    reasons.put("auto_sync.enabled", "sync is on; `loop pause data_sync` at the leader pauses it");
    reasons.put("auto_sync.gossip_interval", "gossip_interval is that of all gossip");
    reasons.put("auto_sync.min_games_to_sync", "files are brought however few games are in them");
    reasons.put("elo_sync", "ratings are a function of the replicated matches (docs/RATING.md)");
    reasons.put("provider_timeouts", "request_timeout is that of calls to every node");
    reasons.put("disk_management", DISKS);
    reasons.put("consolidation", "game files are read where they lie and are never merged");
    return reasons;
  }

  static boolean readOfHost(String key) {
    return HOST.contains(key);
  }

  /// Why a path has no effect; empty when the original does not know it either.
  static Optional<String> reason(String path) {
    if (PROVIDER.matcher(path).matches()) {
      return Optional.of("nodes rent and return no machines; `scaling` asks others to");
    }
    return REASONS.entrySet().stream()
        .filter(known -> path.equals(known.getKey()) || path.startsWith(known.getKey() + "."))
        .map(Map.Entry::getValue)
        .findFirst();
  }
}
