package io.ringrift.node;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.state.v1.GetVoterListResponse;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// How a running node follows what its cluster decides about itself. Both consumers return at once.
///
/// @param onSwitch begins the node again in that mode of consensus, which the cluster changed to in
///   that epoch
/// @param onVoters told what some node's copy of the ledger says of voters; news begin the node
///   again
/// @param voters decided list of voters; of version 0 the configured one
/// @param configured voters that the configuration names
/// @param takesPart version of the list that this node runs by, decided or not
/// @param self this node as a voter; empty when others cannot dial it
record Following(
    BiConsumer<ConsensusMode, Epoch> onSwitch,
    Consumer<GetVoterListResponse> onVoters,
    VoterList voters,
    List<NodeId> configured,
    long takesPart,
    Optional<VoterEntry> self) {}
