/// The simulator's way into the package-private failure detector: a cell that drives the very class
/// which production drives. Callers: `chaos` and tests. One thread per cell.
@NullMarked
package io.ringrift.kernel.membership.http;

import org.jspecify.annotations.NullMarked;
