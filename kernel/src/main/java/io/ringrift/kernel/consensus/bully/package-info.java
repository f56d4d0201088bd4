/// Decides who leads by leases, and replicates the ledger of bully mode. Lives here: the pure
/// `LeaseElection` and `ReplicaCore`, their composition `BullyCore`, and the one driver thread that
/// owns it. Callers: `kernel.boot`, later `consensus.hybrid`; the simulator through a cell in this
/// package.
@NullMarked
package io.ringrift.kernel.consensus.bully;

import org.jspecify.annotations.NullMarked;
