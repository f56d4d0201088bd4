/// Consensus by Raft (Apache Ratis): who leads and what the ledger holds. Lives here: the pure
/// `RaftOffice` and the one driver thread that owns it, the machine layer between Ratis and the
/// ledger's state machine, and the guard that makes leases hold. Callers: `kernel.boot`,
/// `consensus.hybrid`. No other package imports Ratis.
@NullMarked
package io.ringrift.kernel.consensus.raft;

import org.jspecify.annotations.NullMarked;
