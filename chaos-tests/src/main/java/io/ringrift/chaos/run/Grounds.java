package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.ClusterPlan;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.ground.NetnsGround;
import io.ringrift.chaos.ground.ProcessGround;
import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.GroundKind;
import io.ringrift.chaos.scenario.Scenario;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Grounds of real node processes, as plans ask for them.
///
/// @param namespaces tag of those that this process runs in; empty outside
record Grounds(String namespaces) implements Suite.Opening {
  /// Room for the stores of a node and little more.
  private static final int STATE_MEGABYTES = 256;

  private static final String SMALL_HEAP = "-Xmx192m";

  @Override
  public Ground open(RunPlan plan, Path folder) throws IOException {
    Scenario scenario = plan.scenario();
    var cluster =
        new ClusterPlan(
            folder,
            scenario.nodes(),
            scenario.workers(),
            scenario.timing(),
            plan.consensus(),
            plan.membership(),
            fills(scenario) ? STATE_MEGABYTES : 0,
            jvmFlags(),
            plan.seed());
    return plan.ground() == GroundKind.NETNS
        ? NetnsGround.open(cluster, namespaces)
        : ProcessGround.open(cluster);
  }

  private static boolean fills(Scenario scenario) {
    return scenario.faults().stream().anyMatch(fault -> fault.kind() == FaultKind.FULL_DISK);
  }

  /// Those of this very process, which share its cache of compiled classes, with a heap for a node;
  /// small ones where this process has none.
  private static List<String> jvmFlags() {
    var own = new ArrayList<>(ManagementFactory.getRuntimeMXBean().getInputArguments());
    if (own.stream().noneMatch(flag -> flag.startsWith("-XX:AOTCache"))) {
      return ClusterPlan.SMALL_JVM;
    }
    own.removeIf(flag -> flag.startsWith("-Xmx"));
    own.add(SMALL_HEAP);
    return own;
  }
}
