/// Versioned node facts, spread by push-pull anti-entropy: advertises, never decides. Lives here:
/// the pure `GossipCore` and its driver. Callers: `kernel.boot`, managers through `GossipBoard`.
@NullMarked
package io.ringrift.kernel.gossip;

import org.jspecify.annotations.NullMarked;
