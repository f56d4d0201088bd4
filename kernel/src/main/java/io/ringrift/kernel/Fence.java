package io.ringrift.kernel;

/// Proof of leadership on an order. The obeyer's gate refuses an epoch below the greatest it has
/// seen.
public record Fence(Epoch epoch, NodeId leader) {}
