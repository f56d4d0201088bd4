/// Ratings: pure functions of the matches that were played (`EloTable`, `Ladder`), and
/// RatingService over the matches of the replicated state. Gates are judged by the state itself.
/// Callers: node (construction), everybody else by RPC.
@NullMarked
package io.ringrift.managers.rating;

import org.jspecify.annotations.NullMarked;
