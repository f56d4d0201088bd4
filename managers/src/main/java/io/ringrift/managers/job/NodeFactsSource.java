package io.ringrift.managers.job;

import com.google.protobuf.Duration;
import com.sun.management.OperatingSystemMXBean;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.gossip.GossipBoard;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.placement.v1.Gpu;
import io.ringrift.placement.v1.NodeFacts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Gathers what this node says of itself and posts it on the gossip board. A round costs a few file
/// reads.
public final class NodeFactsSource {
  /// @param host where others dial this node; empty for an outbound-only node
  /// @param interval gap between postings: the gossip interval
  /// @param manifest digest and count of the node's files, when scanned
  public record Settings(
      NodeId self,
      String version,
      String host,
      int port,
      java.time.Duration interval,
      Ticker ticker,
      Supplier<Manifest> manifest) {}

  /// What the node's manifest comes to.
  ///
  /// @param digest hexadecimal; empty until scanned
  public record Manifest(String digest, long files) {
    public static final Manifest NONE = new Manifest("", 0);
  }

  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Path LOADAVG = Path.of("/proc/loadavg");

  private final GossipBoard board;
  private final Settings settings;
  private final ProcessSupervisor supervisor;
  private final GpuInventory gpus;
  private final Supplier<ProcessConfig> config;
  private final SpawnGuards disk;
  private final OperatingSystemMXBean machine =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private final Moment started;

  NodeFactsSource(
      GossipBoard board,
      Settings settings,
      ProcessSupervisor supervisor,
      GpuInventory gpus,
      Supplier<ProcessConfig> config,
      SpawnGuards disk) {
    this.board = board;
    this.settings = settings;
    this.supervisor = supervisor;
    this.gpus = gpus;
    this.config = config;
    this.disk = disk;
    this.started = settings.ticker().now();
  }

  /// Posts on every node.
  public LoopSpec loop() {
    return new LoopSpec(
        "facts",
        settings.interval(),
        java.time.Duration.ZERO,
        false,
        List.of(),
        _ -> {
          gpus.refresh();
          board.publish(gather().toByteArray());
        },
        Map::of);
  }

  /// Facts as of now.
  public NodeFacts gather() {
    var set = config.get();
    var uptime = settings.ticker().now().since(started);
    var facts =
        NodeFacts.newBuilder()
            .setNodeId(settings.self().value())
            .setVersion(settings.version())
            .setHost(settings.host())
            .setPort(settings.port())
            .setUptime(Duration.newBuilder().setSeconds(uptime.toSeconds()))
            .setMaxJobs(set.maxJobs())
            .addAllCapabilities(set.capabilities())
            .addAllWorkloads(set.workloads())
            .addAllConditions(supervisor.conditions())
            .setManifestDigest(settings.manifest().get().digest())
            .setManifestFiles(settings.manifest().get().files())
            .setDiskPercent(disk.diskPercent())
            .setDiskFreeBytes(disk.diskFree());
    machine(facts);
    jobs(facts);
    for (GpuInventory.Device device : gpus.devices()) {
      facts.addGpus(
          Gpu.newBuilder()
              .setUuid(device.uuid())
              .setName(device.name())
              .setMemoryBytes(device.memoryBytes())
              .setUtilizationPercent(device.utilizationPercent())
              .setMemoryPercent(device.memoryPercent()));
    }
    return facts.build();
  }

  private void machine(NodeFacts.Builder facts) {
    facts.setCpuCount(machine.getAvailableProcessors());
    facts.setCpuPercent(Math.max(0, 100 * machine.getCpuLoad()));
    double[] loads = loads();
    facts.setLoad1(loads[0]).setLoad5(loads[1]);
    long total = machine.getTotalMemorySize();
    long free = availableMemory();
    facts.setMemoryBytes(total);
    facts.setMemoryPercent(total == 0 ? 0 : 100.0 * (total - Math.min(free, total)) / total);
  }

  private void jobs(NodeFacts.Builder facts) {
    int selfplay = 0;
    int training = 0;
    List<Run> live = supervisor.table().live();
    for (Run run : live) {
      String type = type(run);
      selfplay += type.contains("selfplay") ? 1 : 0;
      training += type.contains("training") ? 1 : 0;
    }
    facts.setRunningJobs(live.size()).setSelfplayJobs(selfplay).setTrainingJobs(training);
  }

  private String type(Run run) {
    var spec = run.rawView().getOrder().getSpec();
    return spec.getJobType().isEmpty()
        ? config.get().templates().stream()
            .filter(t -> t.name().equals(spec.getWorkload()))
            .map(WorkloadTemplate::jobType)
            .findFirst()
            .orElse("")
        : spec.getJobType();
  }

  private double[] loads() {
    try {
      String[] words = Files.readString(LOADAVG).split(" ", -1);
      return new double[] {Double.parseDouble(words[0]), Double.parseDouble(words[1])};
    } catch (IOException | NumberFormatException e) {
      double load = Math.max(0, machine.getSystemLoadAverage());
      return new double[] {load, load};
    }
  }

  /// Memory that could be had, caches included; the bean's "free" leaves them out.
  private long availableMemory() {
    try (var lines = Files.lines(MEMINFO)) {
      return lines
          .filter(line -> line.startsWith("MemAvailable:"))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .mapToLong(kilobytes -> Long.parseLong(kilobytes) * 1024)
          .findFirst()
          .orElseGet(machine::getFreeMemorySize);
    } catch (IOException e) {
      return machine.getFreeMemorySize();
    }
  }
}
