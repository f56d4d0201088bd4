/// Membership by SWIM beside serf: many members on loopback. Lives here: the measurement, both
/// kinds of members, the program of our members. Callers: `bin/ringrift bench swim`.
@NullMarked
package io.ringrift.benchmarks.swim;

import org.jspecify.annotations.NullMarked;
