/// Monotonic time. Callers: kernel shells, managers' shells, the simulator. Pure classes see
/// `Moment` only.
@NullMarked
package io.ringrift.kernel.time;

import org.jspecify.annotations.NullMarked;
