package io.ringrift.managers.placement;

import io.ringrift.kernel.Pure;
import java.util.Set;

/// A machine as the cluster's file describes it. It says where a node would stand among the others
/// before the node has told of itself; what the node tells counts more.
///
/// @param gpuName of its GPUs; empty without one
/// @param capabilities job types that it accepts
@Pure
public record DeclaredNode(
    String nodeId,
    int cpus,
    long memoryBytes,
    int gpus,
    String gpuName,
    boolean retired,
    Set<String> capabilities) {
  public DeclaredNode {
    capabilities = Set.copyOf(capabilities);
  }

  /// The node, from whom nothing was heard.
  NodeSnapshot unheard(boolean alive, boolean memberRetired, boolean draining) {
    return new NodeSnapshot(
        nodeId,
        alive,
        memberRetired || retired,
        draining,
        false,
        new NodeSnapshot.Machine(cpus, memoryBytes, gpus, gpuName),
        NodeSnapshot.Load.UNKNOWN,
        capabilities,
        Set.of());
  }
}
