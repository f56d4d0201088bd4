package io.ringrift.kernel.gossip;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;

/// What gossip needs to know of this node.
///
/// @param bootTimeMillis wall clock of this process's start, as a label of its facts
/// @param outboundOnly exchanges with voters only: they are the ones sure to be dialled
public record GossipConfig(
    NodeId self,
    BootId boot,
    long bootTimeMillis,
    String clusterId,
    boolean outboundOnly,
    Timing timing) {}
