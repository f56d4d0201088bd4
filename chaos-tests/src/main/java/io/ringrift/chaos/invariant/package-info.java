/// What must hold in every run, one class per invariant with its source. Callers: the simulator,
/// which tells each what happened, on its one thread. Knows nodes by number and nothing of the
/// simulator.
@NullMarked
package io.ringrift.chaos.invariant;

import org.jspecify.annotations.NullMarked;
