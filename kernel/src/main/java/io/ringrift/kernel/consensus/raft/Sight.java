package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.util.Optional;

/// What the driver sees of Raft at one moment.
///
/// @param running the division runs and nothing in it has failed
/// @param leads this node is Raft's leader and has executed the first entry of its term
/// @param term Raft term
/// @param leader Raft's leader of that term, as this node knows
/// @param leaseEnds end of this leader's lease; MIN when it has none
/// @param applied how far the log is executed here
/// @param fit this node is well enough to lead
/// @param cause why it is not
record Sight(
    boolean running,
    boolean leads,
    long term,
    Optional<NodeId> leader,
    Moment leaseEnds,
    Applied applied,
    boolean fit,
    String cause) {}
