package io.ringrift.managers.state;

import io.ringrift.kernel.NodeId;
import io.ringrift.state.v1.GetVoterListResponse;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What the node around the state does about lists of voters.
///
/// @param inForce the list that this node runs by, with addresses; version 0 is the configured one
/// @param configured voters that the configuration of this node names
/// @param takesPart version of the list that this node runs by, of one that is not decided yet too
/// @param logId names the log that the voters share
/// @param self what this node would be as a voter; empty when it cannot be dialled
/// @param obstacles why it could not be a voter; empty when it could
/// @param hear told what a node's copy of the ledger says of voters; what is new here makes this
///   node begin again. Returns at once, repeating it is harmless
public record VoterHooks(
    VoterList inForce,
    List<NodeId> configured,
    long takesPart,
    String logId,
    Optional<VoterEntry> self,
    Supplier<List<String>> obstacles,
    Consumer<GetVoterListResponse> hear) {
  /// A node whose voters never change.
  public static VoterHooks fixed() {
    return new VoterHooks(
        VoterList.getDefaultInstance(),
        List.of(),
        0,
        "",
        Optional.empty(),
        () -> List.of("this node cannot change its voters"),
        _ -> {});
  }
}
