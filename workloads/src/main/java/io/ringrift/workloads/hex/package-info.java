/// The game of Hex as three ordinary command-line programs, self-play, training and gauntlet: what
/// `demo` and the tests run as jobs, and the example that job authors copy. Knows nothing of the
/// kernel and depends on the JDK and SQLite only. Lives here: the rules (`Board`), four engines,
/// the network with its search and training, the files (`GameFile`, `ModelFile`, `Checkpoint`) and
/// the three mains. Callers: nobody; they are started as processes. One thread works; a shutdown
/// hook only asks it to stop.
@NullMarked
package io.ringrift.workloads.hex;

import org.jspecify.annotations.NullMarked;
