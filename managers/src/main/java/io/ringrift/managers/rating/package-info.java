/// Ratings and gates: pure functions of the matches that were played (`EloTable`, `Ladder`,
/// `GateRule`), and RatingService over the matches of the replicated state. Who acts on a gate's
/// verdict is not decided here. Callers: node (construction), everybody else by RPC.
@NullMarked
package io.ringrift.managers.rating;

import org.jspecify.annotations.NullMarked;
