package io.ringrift.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.node.config.ConfigLoader;
import io.ringrift.node.config.Env;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.node.local.FreePorts;
import io.ringrift.placement.v1.Need;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.RankNodesRequest;
import io.ringrift.placement.v1.RankedNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A cluster.yaml as the original system has it (SPEC 1.10).
@Timeout(90)
class OriginalFormatTest {
  private static final String YAML =
      """
      hosts:
        backbone:
          ssh_host: 127.0.0.1
          role: coordinator
          status: ready
          p2p_port: PORT
        lambda-h100:
          ssh_host: 10.0.0.11
          gpu: H100 80GB
          gpu_vram_gb: 80
          memory_gb: 200
          cpus: 26
          role: nn_training_primary
        lambda-gh200:
          ssh_host: 10.0.0.12
          gpu: GH200 480GB
          memory_gb: 432
          cpus: 64
          role: gpu_training_primary
        runpod-a100:
          ssh_host: 10.0.0.13
          gpu: A100
          memory_gb: 117
          cpus: 12
        vast-4090:
          ssh_host: 10.0.0.14
          gpu: 8x RTX 4090
          memory_gb: 64
          cpus: 128
          nat_blocked: true
        vast-l40s:
          ssh_host: 10.0.0.15
          gpu: L40S
          memory_gb: 64
          cpus: 32
          training_enabled: false
        desk-3090:
          ssh_host: 10.0.0.16
          gpu: RTX 3090
          memory_gb: 32
          cpus: 16
        old-h200:
          ssh_host: 10.0.0.17
          gpu: H200
          status: retired
        hetzner-cpu:
          ssh_host: 10.0.0.18
          cpus: 32
          memory_gb: 64
          role: cpu_selfplay
      p2p_voters: [backbone]
      sync_routing: {replication_target: 2, max_disk_usage_percent: 70}
      auto_sync:
        {interval: 90, max_concurrent_syncs: 2, bandwidth_limit: 50MB,
         host_bandwidth_overrides: {"vast*": 50, "hetzner*": 30}}
      elo_sync: {coordinator: backbone, divergence_threshold: 50}
      """;

  @TempDir Path folder;
  private int port;
  private NodeConfig config;

  @BeforeEach
  void load() throws IOException {
    port = FreePorts.one();
    Path file =
        Files.writeString(
            folder.resolve("cluster.yaml"), YAML.replace("PORT", Integer.toString(port)));
    config =
        ConfigLoader.load(
            Optional.of(file),
            new Env(Map.of()),
            Map.of(
                "node_id", "backbone",
                "timing", "local",
                "log", "warn",
                "state_dir", folder.resolve("state").toString(),
                "data_root", folder.resolve("data").toString()));
  }

  @Test
  void itLoadsWithItsHostsVotersAndSyncSettings() {
    assertThat(config.voters())
        .extracting(Voter::id)
        .extracting(Object::toString)
        .containsExactly("backbone");
    assertThat(config.sync().replicationTarget()).isEqualTo(2);
    assertThat(config.sync().interval()).isEqualTo(Duration.ofSeconds(90));
    assertThat(config.sync().maxConcurrent()).isEqualTo(2);
    assertThat(config.hosts()).hasSize(9);
    assertThat(host("vast-4090").hardware())
        .isEqualTo(new NodeConfig.Hardware(128, 64L << 30, 8, "RTX 4090", 0));
    assertThat(host("vast-4090").outboundOnly()).isTrue();
    assertThat(host("lambda-h100").hardware().gpuMemoryGib()).isEqualTo(80);
    assertThat(host("vast-l40s").capabilities()).doesNotContain("training");
    assertThat(host("old-h200").retired()).isTrue();
    assertThat(host("hetzner-cpu").hardware().gpus()).isZero();
  }

  private NodeConfig.Host host(String name) {
    return Objects.requireNonNull(config.hosts().get(name));
  }

  @Test
  void itsHostsAreRankedInTheOrderOfTheirGpusBeforeAnyOfThemIsMet() throws InterruptedException {
    try (var node = NodeProcess.start(config)) {
      node.awaitReady();
      var need = Need.newBuilder().setJobType("training").setGpus(1);
      try (var client =
          new ClusterClient(
              List.of(new Endpoint("127.0.0.1", port)), Optional.empty(), Duration.ofSeconds(20))) {
        var ranked =
            client.call(
                c ->
                    PlacementServiceGrpc.newBlockingStub(c)
                        .rankNodes(RankNodesRequest.newBuilder().setNeed(need).build()));
        // Eight 4090s are stronger than one H100; what has retired stands where its GPU puts it.
        assertThat(ranked.getNodesList())
            .extracting(RankedNode::getNodeId)
            .containsSubsequence(
                "vast-4090",
                "old-h200",
                "lambda-h100",
                "lambda-gh200",
                "runpod-a100",
                "vast-l40s",
                "desk-3090");
        assertThat(ranked.getNodesList()).noneMatch(RankedNode::getFeasible);
      }
    }
  }
}
