package io.ringrift.chaos.sim;

import io.ringrift.kernel.Fence;

/// What a leader asks of a worker.
///
/// @param opening said once to every worker when duties open, so that each learns the epoch
record Order(Fence fence, int leader, boolean opening) {}
