/// The simulator's way into the package-private gossip core: a cell that drives the very class
/// which production drives. Callers: `chaos` and tests. One thread per cell.
@NullMarked
package io.ringrift.kernel.gossip;

import org.jspecify.annotations.NullMarked;
