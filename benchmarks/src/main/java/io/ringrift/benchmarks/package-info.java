/// Measurements that print figures and ratios. Lives here: whole-cluster runs on real processes.
/// Callers: `bin/ringrift bench`, people.
@NullMarked
package io.ringrift.benchmarks;

import org.jspecify.annotations.NullMarked;
