package io.ringrift.kernel.boot;

import io.grpc.Channel;
import io.micrometer.core.instrument.MeterRegistry;
import io.ringrift.kernel.Audit;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.PeerChannels;
import java.time.Instant;
import java.util.function.Supplier;

/// What the kernel needs of the process around it. The process owns all of them and closes them
/// after the kernel.
///
/// @param folder the node's state folder, opened before anything in it
/// @param machine executes the ledger's commands; unused on a node that is no voter
/// @param localServices channel to this node's own services, for calls that come by tunnel
/// @param bootTime wall clock at this node's start, as a label of its facts
/// @param onFatal called once when the node has to stop: log, close, exit non-zero
public record Ports(
    StateFolder folder,
    Ticker ticker,
    PeerChannels channels,
    StateMachine machine,
    Audit audit,
    MeterRegistry meters,
    Supplier<Channel> localServices,
    Instant bootTime,
    Runnable onFatal) {}
