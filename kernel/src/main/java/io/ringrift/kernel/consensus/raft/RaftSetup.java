package io.ringrift.kernel.consensus.raft;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.kernel.time.Ticker;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What it takes to open a voter.
///
/// @param voters every configured voter, `self` among them
/// @param joins whether this voter joins a running cluster: it knows no voters before it is sent
///   them
/// @param addresses where a voter's raft port is now; asked again whenever a connection fails
/// @param known greatest epoch known from before: the next one is greater
/// @param seen greatest epoch in which somebody was known to lead; a promise that came to nothing,
///   under another mode, may be greater
/// @param folder holds `raft`; stays open until the voter is closed
/// @param onFatal called once when the node has to stop
public record RaftSetup(
    String clusterId,
    NodeId self,
    List<NodeId> voters,
    boolean joins,
    Function<NodeId, Optional<Endpoint>> addresses,
    RaftConfig config,
    Epoch known,
    Epoch seen,
    StateFolder folder,
    StateMachine machine,
    Ticker ticker,
    Audit audit,
    MeterRegistry meters,
    Runnable onFatal) {
  /// @throws IllegalArgumentException when this node is none of the voters
  public RaftSetup {
    voters = voters.stream().sorted().toList();
    if (!voters.contains(self)) {
      throw new IllegalArgumentException(self + " is not among the voters " + voters);
    }
  }
}
