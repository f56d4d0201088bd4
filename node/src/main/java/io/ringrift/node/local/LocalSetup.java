package io.ringrift.node.local;

import java.lang.management.ManagementFactory;
import java.util.List;

/// What a local cluster is made of.
///
/// @param ports of the first voters; free ones are chosen for the others
/// @param jvmFlags of every node process
/// @param moreConfig appended to the cluster's configuration file
public record LocalSetup(
    int voters, List<Integer> ports, int jobsPerNode, List<String> jvmFlags, String moreConfig) {
  public LocalSetup {
    ports = List.copyOf(ports);
    jvmFlags = List.copyOf(jvmFlags);
  }

  /// Nodes with the flags of this very process.
  public static LocalSetup of(int voters, List<Integer> ports, int jobsPerNode) {
    var flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
    return new LocalSetup(voters, ports, jobsPerNode, flags, "");
  }

  public LocalSetup withJvmFlags(List<String> flags) {
    return new LocalSetup(voters, ports, jobsPerNode, flags, moreConfig);
  }

  public LocalSetup withConfig(String more) {
    return new LocalSetup(voters, ports, jobsPerNode, jvmFlags, more);
  }
}
