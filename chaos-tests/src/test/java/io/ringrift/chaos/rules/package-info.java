/// The repository's own gates: who may know whom, lengths and words, formatting.
@NullMarked
package io.ringrift.chaos.rules;

import org.jspecify.annotations.NullMarked;
