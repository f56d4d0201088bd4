/// Self-play: what each configuration is worth (`Weights` over `Modifiers`), how many jobs a node
/// should run (`Targets`), what was chosen of late (`Diversity`), and the leader's loop that keeps
/// work in the queue (`QueuePopulator`). The pure classes decide; the rest reads and calls.
/// Callers: node (construction), everybody else by RPC.
@NullMarked
package io.ringrift.managers.selfplay;

import org.jspecify.annotations.NullMarked;
