package io.ringrift.kernel.consensus.bully;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringrift.kernel.Audit;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.kernel.time.Ticker;
import java.util.Map;

/// What it takes to open a voter.
///
/// @param voters every configured voter with its priority, `self` among them
/// @param folder holds the log and the snapshots; stays open until the voter is closed
/// @param onFatal called once when the node has to stop
public record VoterSetup(
    NodeId self,
    Map<NodeId, Integer> voters,
    Timing timing,
    StateFolder folder,
    EpochStore epochs,
    StateMachine machine,
    Outbox outbox,
    Ticker ticker,
    Audit audit,
    MeterRegistry meters,
    Runnable onFatal) {}
