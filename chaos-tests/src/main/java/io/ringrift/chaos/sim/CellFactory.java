package io.ringrift.chaos.sim;

import io.ringrift.kernel.time.Moment;

/// Starts a consensus core from what the disk kept.
@FunctionalInterface
public interface CellFactory {
  ConsensusCell boot(CellWorld world, SimDisk disk, Moment start);
}
