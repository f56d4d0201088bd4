package io.ringrift.managers.job;

import com.google.protobuf.Duration;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.gossip.GossipBoard;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.LoopSpec;
import io.ringrift.placement.v1.Gpu;
import io.ringrift.placement.v1.NodeFacts;
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

  private final GossipBoard board;
  private final Settings settings;
  private final ProcessSupervisor supervisor;
  private final GpuInventory gpus;
  private final Supplier<ProcessConfig> config;
  private final Machine machine;
  private final Moment started;

  NodeFactsSource(
      GossipBoard board,
      Settings settings,
      ProcessSupervisor supervisor,
      GpuInventory gpus,
      Supplier<ProcessConfig> config,
      Machine machine) {
    this.board = board;
    this.settings = settings;
    this.supervisor = supervisor;
    this.gpus = gpus;
    this.config = config;
    this.machine = machine;
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
            .setDiskPercent(machine.diskPercent())
            .setDiskFreeBytes(machine.diskFree());
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
    double[] loads = machine.loads();
    facts
        .setCpuCount(machine.cpus())
        .setCpuPercent(machine.cpuPercent())
        .setLoad1(loads[0])
        .setLoad5(loads[1])
        .setMemoryBytes(machine.memoryBytes())
        .setMemoryPercent(machine.memoryPercent());
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
}
