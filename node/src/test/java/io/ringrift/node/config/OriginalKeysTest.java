package io.ringrift.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.managers.sync.PeerCap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every key of SPEC 1.10 has an effect or is told as having none.
final class OriginalKeysTest {
  private static final String YAML =
      """
      hosts:
        backbone:
          {ssh_host: 10.0.0.1, ssh_port: 22, ssh_user: root, ssh_key: id, role: coordinator,
           p2p_port: 9001, ringrift_path: /opt/ringrift, venv_activate: bin/activate,
           p2p_voter: true}
        second: {tailscale_ip: 100.64.0.2, status: offline, relay_capable: true}
        third: {ssh_host: 10.0.0.3}
        vast-1:
          {nat_blocked: true, gpu: 8x RTX 4090, gpu_vram_gb: 24, memory_gb: 64, cpus: 128,
           vast_instance_id: 77, is_ephemeral: true, is_container: true, bandwidth_mbps: 400,
           relay_primary: backbone, relay_secondary: second, relay_tertiary: third,
           storage_paths: {models: /mnt/models}}
        mac: {force_relay_mode: true, selfplay_enabled: false, training_enabled: false,
              gauntlet_enabled: false, export_enabled: false}
        gone: {ssh_host: 10.0.0.9, p2p_enabled: false}
      p2p_voters: [backbone, second, third]
      raft_members: [backbone, second, third]
      preferred_leader: second
      protocols:
        membership_mode: http
        consensus_mode: bully
        swim: {enabled: false, bind_port: 7000, failure_timeout: 10, suspicion_timeout: 6,
               ping_interval: 1, indirect_ping_count: 7}
        raft: {enabled: false, bind_port: 4000, compaction_min_entries: 500,
               auto_unlock_time: 300, use_manual_tick: true}
      sync_routing:
        max_disk_usage_percent: 60
        target: 60
        min_free_disk: 15
        replication_target: 2
        excluded_hosts: [{name: mac, receive_games: false}]
        priority_hosts: ["vast-*"]
        underserved_configs: [hex8_2p]
        allowed_external_storage: [{host: mac, path: /Volumes/x}]
        s3: {bucket: b}
      auto_sync:
        {enabled: true, interval: 90, gossip_interval: 15, max_concurrent_syncs: 2,
         min_games_to_sync: 10, bandwidth_limit: 50, host_bandwidth_overrides: {"vast*": 50}}
      elo_sync:
        {coordinator: backbone, sync_port: 8766, sync_interval: 300, divergence_threshold: 50,
         transports: [tailscale]}
      provider_timeouts: {lambda: {request: 120, connect: 15}}
      disk_management: {warning: 70, critical: 85}
      consolidation: {min_games: 100}
      """;

  @TempDir Path folder;

  private NodeConfig load(JsonNode tree) throws IOException {
    Path file = folder.resolve("cluster.yaml");
    Files.write(file, new YAMLMapper().writeValueAsBytes(tree));
    return ConfigLoader.load(Optional.of(file), new Env(Map.of()), Map.of("node_id", "backbone"));
  }

  private static ObjectNode complete() throws IOException {
    return (ObjectNode) new YAMLMapper().readTree(YAML);
  }

  /// Steps to every key that has no keys of its own.
  private static void leaves(JsonNode node, List<String> steps, List<List<String>> found) {
    for (var field : node.properties()) {
      var path = new ArrayList<>(steps);
      path.add(field.getKey());
      if (field.getValue().isObject()) {
        leaves(field.getValue(), path, found);
      } else {
        found.add(path);
      }
    }
  }

  private static JsonNode without(ObjectNode tree, List<String> steps) {
    var copy = tree.deepCopy();
    JsonNode parent = copy;
    for (String step : steps.subList(0, steps.size() - 1)) {
      parent = parent.path(step);
    }
    ((ObjectNode) parent).remove(steps.getLast());
    return copy;
  }

  /// What a configuration says, in one text; the warnings say nothing.
  private static String effects(NodeConfig config) {
    return config.toString().replace(config.warnings().toString(), "");
  }

  private boolean changes(ObjectNode tree, List<String> steps, String before) throws IOException {
    try {
      return !effects(load(without(tree, steps))).equals(before);
    } catch (Refusal needed) {
      return true;
    }
  }

  private static boolean told(List<String> steps, List<String> warnings) {
    var path = new ArrayList<>(steps);
    if (steps.getFirst().equals("hosts")) {
      path.set(1, "*");
    }
    return warnings.stream()
        .filter(warning -> warning.contains(" has no effect: "))
        .anyMatch(
            warning -> {
              String named =
                  warning.replaceFirst("^.*?: ", "").replaceFirst(" has no effect.*", "");
              String dotted = String.join(".", path);
              return dotted.equals(named) || dotted.startsWith(named + ".");
            });
  }

  @Test
  void everyKeyHasAnEffectOrIsToldToHaveNone() throws IOException {
    var tree = complete();
    var config = load(tree);
    String before = effects(config);
    assertThat(effects(load(tree))).as("read once more").isEqualTo(before);
    var all = new ArrayList<List<String>>();
    leaves(tree, List.of(), all);

    var silent = new ArrayList<List<String>>();
    for (var steps : all) {
      if (!told(steps, config.warnings()) && !changes(tree, steps, before)) {
        silent.add(steps);
      }
    }

    assertThat(all).hasSizeGreaterThan(60);
    assertThat(silent).isEmpty();
    assertThat(config.warnings()).allMatch(w -> w.contains(" has no effect: "), "with a reason");
  }

  @Test
  void aKeyThatManyHostsHaveIsToldOnce() throws IOException {
    var tree = complete();
    for (JsonNode host : tree.path("hosts")) {
      ((ObjectNode) host).put("ssh_user", "root");
    }

    assertThat(load(tree).warnings()).filteredOn(w -> w.contains("ssh_user")).hasSize(1);
  }

  @Test
  void whatIsUnknownToBothIsToldAsUnknown() throws IOException {
    var tree = complete();
    ((ObjectNode) tree.path("hosts").path("third")).put("colour", "red");
    ((ObjectNode) tree.path("sync_routing")).put("speed", 1);

    assertThat(load(tree).warnings())
        .anyMatch(w -> w.contains("hosts.*.colour is not known"))
        .anyMatch(w -> w.contains("sync_routing.speed is not known"));
  }

  @Test
  void inModeRaftNobodyIsPreferred() throws IOException {
    var tree = complete();
    var protocols = (ObjectNode) tree.path("protocols");
    protocols.put("consensus_mode", "raft").remove("raft");

    assertThat(load(tree).warnings())
        .anyMatch(w -> w.contains("preferred_leader has no effect: mode raft"));
  }

  @Test
  void keysOfRoutingAndOfHostsHaveTheirEffect() throws IOException {
    var config = load(complete());

    assertThat(config.sync().receivers())
        .isEqualTo(new NodeConfig.Receivers(60, 15, List.of("mac"), List.of("vast-*")));
    assertThat(config.sync().caps().bytesPerSecond()).isEqualTo(50_000_000);
    assertThat(config.sync().caps().overrides())
        .containsExactly(new PeerCap("vast*", 50_000_000), new PeerCap("vast-1", 50_000_000));
    assertThat(config.voters()).extracting(Voter::priority).containsExactly(0, 1, 0);
    assertThat(Objects.requireNonNull(config.hosts().get("gone")).retired()).isTrue();
  }
}
