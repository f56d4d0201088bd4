/// Runs scenarios on a ground: clients, faults at their times, samples of who leads, and the
/// evidence of it all. Callers: the `chaos` command. The timeline runs on the caller's thread,
/// clients and samples on virtual threads that end with the run.
@NullMarked
package io.ringrift.chaos.run;

import org.jspecify.annotations.NullMarked;
