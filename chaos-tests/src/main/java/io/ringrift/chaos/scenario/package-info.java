/// Scenarios as files: what is read, what is refused, and which ground can run it. Callers: the
/// grounds and the `chaos` command. Immutable values, any thread.
@NullMarked
package io.ringrift.chaos.scenario;

import org.jspecify.annotations.NullMarked;
