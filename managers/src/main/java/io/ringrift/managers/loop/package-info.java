/// Runs every `LoopSpec` of the node and knows the meaning of none. Lives here: `LoopManager`, one
/// virtual thread per running loop, and the duties that open and close with an epoch. Callers:
/// node; everyone else by RPC.
@NullMarked
package io.ringrift.managers.loop;

import org.jspecify.annotations.NullMarked;
