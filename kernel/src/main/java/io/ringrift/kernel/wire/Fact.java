package io.ringrift.kernel.wire;

import com.google.protobuf.ByteString;

/// One node's facts at a version; the payload is opaque to gossip.
public record Fact(FactVersion version, ByteString payload) {}
