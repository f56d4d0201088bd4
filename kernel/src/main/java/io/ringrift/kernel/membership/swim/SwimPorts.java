package io.ringrift.kernel.membership.swim;

import io.micrometer.core.instrument.MeterRegistry;
import io.ringrift.kernel.Audit;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Ticker;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/// What membership by SWIM needs of the world.
///
/// @param leadership what this node says of the leader; must not block
/// @param advertised told of every leader that a voter names; must not block, serves non-voters
///   only
public record SwimPorts(
    Ticker ticker,
    Supplier<Leadership> leadership,
    BiConsumer<NodeId, Epoch> advertised,
    Audit audit,
    MeterRegistry metrics) {}
