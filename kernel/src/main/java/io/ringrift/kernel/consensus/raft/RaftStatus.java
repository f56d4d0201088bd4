package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.NodeId;
import java.util.Optional;

/// What `/raft/status` shows of a voter.
///
/// @param initialized the division runs
/// @param ready somebody leads, under an epoch that is executed here
/// @param leads this node holds the office
/// @param leader who leads, as this node knows
/// @param term Raft term; -1 while nothing runs
/// @param bindPort port that this node listens at
/// @param health `healthy`, `partial` or `unavailable`
/// @param heldBack why this voter holds back from leading; empty when it does not
public record RaftStatus(
    boolean initialized,
    boolean ready,
    boolean leads,
    Optional<NodeId> leader,
    long term,
    int bindPort,
    String health,
    String heldBack) {}
