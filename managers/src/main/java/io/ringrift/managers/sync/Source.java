package io.ringrift.managers.sync;

import io.grpc.Channel;
import io.ringrift.kernel.NodeId;

/// Where a file may be read.
record Source(NodeId node, Channel channel) {}
