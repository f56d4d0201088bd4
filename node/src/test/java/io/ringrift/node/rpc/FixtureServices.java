package io.ringrift.node.rpc;

import io.grpc.Channel;

/// Opens the in-process channel to tests of other rooms.
public final class FixtureServices {
  private FixtureServices() {}

  public static Channel channel(LocalServer server) {
    return server.channel();
  }
}
