/// Raft decides who leads and what the ledger holds; the bully ranking only nominates. Lives here:
/// the pure `Arbiter` and the thread that acts for it. Callers: `kernel.boot`.
@NullMarked
package io.ringrift.kernel.consensus.hybrid;

import org.jspecify.annotations.NullMarked;
