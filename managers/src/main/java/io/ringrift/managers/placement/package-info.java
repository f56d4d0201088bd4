/// Which node fits a need, and why. `Ranking` decides, for dispatch and for explanations alike;
/// `NodeChoice` answers the questions of SPEC 5.2. Callers: node (construction), everybody else by
/// RPC. Services run on the RPC server's virtual threads.
@NullMarked
package io.ringrift.managers.placement;

import org.jspecify.annotations.NullMarked;
