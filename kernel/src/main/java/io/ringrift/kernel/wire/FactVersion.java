package io.ringrift.kernel.wire;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.NodeId;

/// Version of one node's facts; only their owner produces a greater one (SPEC 4.2).
///
/// @param bootTimeMillis wall clock of the owner's start; orders two starts of one owner when
///   membership does not know which is the present one
/// @param counter counts up within one start
public record FactVersion(NodeId node, BootId boot, long bootTimeMillis, long counter) {}
