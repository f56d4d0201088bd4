/// The simulator's way into the package-private bully core: a cell that drives the very class which
/// production drives. Callers: `chaos.sim` and tests. One thread per cell.
@NullMarked
package io.ringrift.kernel.consensus.bully;

import org.jspecify.annotations.NullMarked;
