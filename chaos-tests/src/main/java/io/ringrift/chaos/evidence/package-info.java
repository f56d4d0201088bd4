/// What a run leaves behind for its verdict: settings, faults, samples, final states and the
/// history of its clients. Plain data, made by the runner of any ground, read by checkers and
/// reports.
@NullMarked
package io.ringrift.chaos.evidence;

import org.jspecify.annotations.NullMarked;
