package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;

/// The leader whose appends a voter takes.
///
/// @param term Raft term of that leader
/// @param until when the lease that this voter supports is over, if nothing more is heard
record Followed(NodeId leader, long term, Moment until) {}
