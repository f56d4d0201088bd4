/// The game of Hex as an ordinary command-line program: what `demo` and the tests run as a job, and
/// the example that job authors copy. Knows nothing of the kernel and depends on the JDK and SQLite
/// only. Lives here: the rules (`Board`), three engines, the game file and `SelfplayMain`. Callers:
/// nobody; it is started as a process. One thread plays; a shutdown hook only asks it to stop.
@NullMarked
package io.ringrift.workloads.hex;

import org.jspecify.annotations.NullMarked;
