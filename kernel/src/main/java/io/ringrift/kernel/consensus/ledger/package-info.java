/// The ledger port: an ordered, replicated log of opaque commands, and the state machine that
/// executes them. Callers: `managers.state` through the port; the modes implement it. The kernel
/// knows nothing of what a command means.
@NullMarked
package io.ringrift.kernel.consensus.ledger;

import org.jspecify.annotations.NullMarked;
