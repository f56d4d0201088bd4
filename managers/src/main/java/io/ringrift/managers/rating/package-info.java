/// Ratings and gates: pure functions of the matches that were played. Where matches come from and
/// who acts on a verdict is not decided here.
@NullMarked
package io.ringrift.managers.rating;

import org.jspecify.annotations.NullMarked;
