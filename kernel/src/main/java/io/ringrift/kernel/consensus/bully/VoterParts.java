package io.ringrift.kernel.consensus.bully;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringrift.kernel.Audit;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.time.Ticker;

/// What a voter's driver works with.
///
/// @param onFatal called once, on the driver's thread, when the node has to stop
record VoterParts(
    BullyConfig config,
    VoterDisk disk,
    StateMachine machine,
    Outbox outbox,
    Ticker ticker,
    Audit audit,
    MeterRegistry meters,
    Runnable onFatal) {}
