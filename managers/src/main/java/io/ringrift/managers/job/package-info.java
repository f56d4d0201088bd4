/// Wanted runs and the processes themselves. `JobManager` takes jobs and, at the leader, gives them
/// to nodes; `ProcessSupervisor` starts, watches, adopts and stops processes on every node and
/// pulls work from the queue. The only room that starts processes. Callers: node (construction),
/// everybody else by RPC. Services run on the RPC server's virtual threads, loops on the
/// LoopManager's, each live process has one virtual thread of its own.
@NullMarked
package io.ringrift.managers.job;

import org.jspecify.annotations.NullMarked;
