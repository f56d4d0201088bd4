package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Epoch;
import java.util.Optional;

/// How far this replica has executed the log.
///
/// @param term Raft term of the last executed entry
/// @param index its place in the Raft log; -1 before the first
/// @param epoch epoch at that place
/// @param office the newest office that an executed entry speaks of
/// @param stateHash hash of the state there
record Applied(long term, long index, Epoch epoch, Optional<Office> office, String stateHash) {
  /// An office: the leader of a Raft term, under its epoch.
  record Office(long term, Epoch epoch) {}
}
