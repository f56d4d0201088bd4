package io.ringrift.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Refusal;
import io.ringrift.managers.sync.PeerCap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Other caps of bandwidth for some peers.
final class SyncSectionTest {
  @TempDir Path folder;

  private NodeConfig load(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("cluster.yaml"), yaml);
    return ConfigLoader.load(Optional.of(file), new Env(Map.of()), Map.of());
  }

  @Test
  void everyDefaultIsPinned() throws IOException {
    var config = load("cluster_id: lab\n");
    assertThat(config.sync())
        .isEqualTo(
            new NodeConfig.Sync(
                Duration.ofSeconds(60),
                3,
                4,
                new NodeConfig.Receivers(0, 0, List.of(), List.of()),
                new NodeConfig.Caps(100_000_000, 0, List.of(), 4),
                new NodeConfig.Ranges(64 << 20, 4),
                Duration.ofHours(24),
                new NodeConfig.Gc(true, 5, Duration.ofHours(24))));
  }

  @Test
  void capsOfPeersComeInTheOrderOfTheFile() throws IOException {
    var config = load("sync: {peer_bandwidth_overrides: {vast-1: 1MB, 'vast-*': 50MB, '*': 0}}\n");
    assertThat(config.sync().caps().overrides())
        .containsExactly(
            new PeerCap("vast-1", 1_000_000),
            new PeerCap("vast-*", 50_000_000),
            new PeerCap("*", 0));
    assertThat(config.warnings()).isEmpty();
    assertThat(config.settings())
        .contains(
            new Setting(
                "sync.peer_bandwidth_overrides",
                "vast-1=1MB,vast-*=50MB,*=0",
                Origin.FILE,
                folder.resolve("cluster.yaml").toString()));
  }

  @Test
  void plainCapsOfPeersInTheOriginalsFileAreMegabytes() throws IOException {
    var config = load("auto_sync: {host_bandwidth_overrides: {'vast*': 50, runpod: 100MB}}\n");
    assertThat(config.sync().caps().overrides())
        .containsExactly(new PeerCap("vast*", 50_000_000), new PeerCap("runpod", 100_000_000));
  }

  @Test
  void whoReceivesIsReadByNamesOfOurOwnToo() throws IOException {
    var config =
        load(
            "sync: {max_disk_percent: 80, min_free_percent: 5, excluded_hosts: ['mac-*', desk],"
                + " priority_hosts: gpu-1}\n");
    assertThat(config.sync().receivers())
        .isEqualTo(new NodeConfig.Receivers(80, 5, List.of("mac-*", "desk"), List.of("gpu-1")));
    assertThat(config.warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sync: {max_disk_percent: 0}",
        "sync: {max_disk_percent: 101}",
        "sync: {min_free_percent: 100}",
        "sync: {excluded_hosts: 'a/b'}",
        "sync_routing: {priority_hosts: [{name: 'a/b'}]}",
        "hosts: {a: {bandwidth_mbps: fast}}"
      })
  void faultyReceiversAreRefused(String yaml) {
    assertThatThrownBy(() -> load(yaml)).isInstanceOf(Refusal.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sync: {peer_bandwidth_overrides: 50MB}",
        "sync: {peer_bandwidth_overrides: {'vast-*': 50}}",
        "sync: {peer_bandwidth_overrides: {'vast-*': [50MB]}}",
        "sync: {peer_bandwidth_overrides: {'vast/*': 50MB}}",
        "auto_sync: {host_bandwidth_overrides: {'vast-*': -1}}"
      })
  void faultyCapsOfPeersAreRefused(String yaml) {
    assertThatThrownBy(() -> load(yaml))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("bandwidth_overrides");
  }
}
