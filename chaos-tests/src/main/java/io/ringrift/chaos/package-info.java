/// Command line of the simulator. Callers: `bin/ringrift sim`. Runs on the main thread and as many
/// worker threads as asked for; each simulation stays on one of them.
@NullMarked
package io.ringrift.chaos;

import org.jspecify.annotations.NullMarked;
