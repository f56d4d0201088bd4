package io.ringrift.kernel.gossip;

import io.grpc.Channel;
import io.micrometer.core.instrument.MeterRegistry;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Ticker;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// What gossip needs of the world.
///
/// @param members the present view; a field read
/// @param channels channel to a member that can be dialled; never blocks
public record GossipPorts(
    Ticker ticker,
    Supplier<List<Member>> members,
    Function<NodeId, Optional<Channel>> channels,
    MeterRegistry metrics) {}
