/// What clients of a run did and what they were told, with times of one monotonic clock. Written by
/// the runner's clients from any thread, read by checkers and reports once the run is over.
@NullMarked
package io.ringrift.chaos.history;

import org.jspecify.annotations.NullMarked;
