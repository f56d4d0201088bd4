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

  @Test
  void decimalsInTheOriginalsFileAreTaken() throws IOException {
    var config =
        load(
            """
            sync_routing: {max_disk_usage_percent: 70.0, min_free_disk: 15.5}
            hosts: {a: {bandwidth_mbps: 940.5}}
            """);

    assertThat(config.sync().receivers())
        .isEqualTo(new NodeConfig.Receivers(70, 15, List.of(), List.of()));
    assertThat(config.sync().caps().overrides()).containsExactly(new PeerCap("a", 117_562_500));
    assertThat(config.warnings()).isEmpty();
  }

  @Test
  void whatTheOriginalsFileLeavesOpenKeepsTheDefault() throws IOException {
    var config =
        load(
            """
            sync_routing:
              {max_disk_usage_percent: ~, min_free_disk: 0, excluded_hosts: [~], priority_hosts: ~}
            auto_sync: {bandwidth_limit: ~, host_bandwidth_overrides: {a: ~}}
            hosts: {a: {bandwidth_mbps: ~}, b: {bandwidth_mbps: 0}}
            """);

    assertThat(config.sync()).isEqualTo(load("cluster_id: lab\n").sync());
    assertThat(config.warnings()).allMatch(one -> one.contains("entry without a name"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sync_routing: {max_disk_usage_percent: 101}",
        "sync_routing: {max_disk_usage_percent: 0.7}",
        "sync_routing: {min_free_disk: 100GB}",
        "sync_routing: {excluded_hosts: [{pattern: x}]}",
        "sync_routing: {priority_hosts: [{name: 'a/b'}]}",
        "sync_routing: {priority_hosts: ['a/b']}",
        "auto_sync: {bandwidth_limit: fast}",
        "auto_sync: {host_bandwidth_overrides: {'vast-*': -1}}",
        "hosts: {a: {bandwidth_mbps: fast}}"
      })
  void whatCannotBeTakenOfTheOriginalsFileIsWarnedOf(String yaml) throws IOException {
    var config = load(yaml);

    assertThat(config.sync()).isEqualTo(load("cluster_id: lab\n").sync());
    assertThat(config.warnings()).anyMatch(one -> one.contains("has no effect"));
  }

  @Test
  void aNumberThatIsNoRateInMegabytesIsReadAsBytesAndWarnedOf() throws IOException {
    var config =
        load(
            """
            auto_sync:
              bandwidth_limit: 104857600
              host_bandwidth_overrides: {a: 52428800, b: 200000}
            """);

    assertThat(config.sync().caps().bytesPerSecond()).isEqualTo(104_857_600);
    assertThat(config.sync().caps().overrides())
        .containsExactly(new PeerCap("a", 52_428_800), new PeerCap("b", 200_000_000_000L));
    assertThat(config.warnings())
        .hasSize(3)
        .anyMatch(one -> one.contains("bandwidth_limit: 104857600 is read as bytes a second"))
        .anyMatch(one -> one.contains("200000 is read as megabytes a second"));
  }

  @Test
  void aFileOfThatNameChangesNoUnit() throws IOException {
    Path file = folder.resolve("auto_sync.bandwidth_limit.yaml");
    Files.writeString(file, "sync: {bandwidth: 5000000}\n");

    var config = ConfigLoader.load(Optional.of(file), new Env(Map.of()), Map.of());

    assertThat(config.sync().caps().bytesPerSecond()).isEqualTo(5_000_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sync: {max_disk_percent: 0}",
        "sync: {max_disk_percent: 101}",
        "sync: {min_free_percent: 100}",
        "sync: {excluded_hosts: 'a/b'}",
        "sync: {bandwidth: fast}",
        "sync: {max_disk_percent: 70.5}"
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
        "sync: {peer_bandwidth_overrides: {'vast/*': 50MB}}"
      })
  void faultyCapsOfPeersAreRefused(String yaml) {
    assertThatThrownBy(() -> load(yaml))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("bandwidth_overrides");
  }
}
