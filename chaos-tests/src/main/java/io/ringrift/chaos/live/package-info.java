/// Faults done to real node processes under work, and the history of what their clients saw.
/// Callers: the `chaos` command. Real time, real processes, one virtual thread a client.
@NullMarked
package io.ringrift.chaos.live;

import org.jspecify.annotations.NullMarked;
