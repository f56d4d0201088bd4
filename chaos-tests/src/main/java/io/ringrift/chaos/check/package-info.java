/// What a run has to keep, one checker an invariant, named as in docs/CHAOS.md. A checker is a
/// function of the evidence: no clock, no chance, no files. One thread.
@NullMarked
package io.ringrift.chaos.check;

import org.jspecify.annotations.NullMarked;
