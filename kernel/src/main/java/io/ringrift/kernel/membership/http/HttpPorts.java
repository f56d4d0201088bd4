package io.ringrift.kernel.membership.http;

import io.grpc.Channel;
import io.micrometer.core.instrument.MeterRegistry;
import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.PeerChannels;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/// What http membership needs of the world.
///
/// @param leadership what this node says of the leader; must not block
/// @param advertised told of every leader that a voter names; must not block, serves non-voters
///   only
/// @param localServices channel to this node's own services, for calls that come by tunnel
public record HttpPorts(
    Ticker ticker,
    PeerChannels channels,
    Supplier<Leadership> leadership,
    BiConsumer<NodeId, Epoch> advertised,
    Audit audit,
    Supplier<Channel> localServices,
    MeterRegistry metrics) {}
