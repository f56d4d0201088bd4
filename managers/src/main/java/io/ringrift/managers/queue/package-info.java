/// The work queue as its users see it: checks what comes in, lets claims wait for work, explains
/// why an item waits, and keeps the queue tidy while this node leads. The items themselves live in
/// the replicated state, reached by RPC. Callers: `node.boot` builds `QueueManager`; users come by
/// RPC. Calls run on the server's virtual threads and may block; one more virtual thread serves
/// waiting claims.
@NullMarked
package io.ringrift.managers.queue;

import org.jspecify.annotations.NullMarked;
