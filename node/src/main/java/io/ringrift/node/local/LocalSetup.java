package io.ringrift.node.local;

import java.lang.management.ManagementFactory;
import java.util.List;

/// What a local cluster is made of.
///
/// @param ports of the first voters; free ones are chosen for the others
/// @param jvmFlags of every node process; a class path among them replaces that of this process
/// @param timing preset: local, lan or wan
/// @param moreConfig appended to the cluster's configuration file
public record LocalSetup(
    int voters,
    List<Integer> ports,
    int jobsPerNode,
    List<String> jvmFlags,
    String timing,
    String moreConfig) {
  public LocalSetup {
    ports = List.copyOf(ports);
    jvmFlags = List.copyOf(jvmFlags);
  }

  /// Nodes with the flags of this very process.
  public static LocalSetup of(int voters, List<Integer> ports, int jobsPerNode) {
    var flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
    return new LocalSetup(voters, ports, jobsPerNode, flags, "local", "");
  }

  public LocalSetup withJvmFlags(List<String> flags) {
    return new LocalSetup(voters, ports, jobsPerNode, flags, timing, moreConfig);
  }

  public LocalSetup withTiming(String preset) {
    return new LocalSetup(voters, ports, jobsPerNode, jvmFlags, preset, moreConfig);
  }

  public LocalSetup withConfig(String more) {
    return new LocalSetup(voters, ports, jobsPerNode, jvmFlags, timing, more);
  }
}
