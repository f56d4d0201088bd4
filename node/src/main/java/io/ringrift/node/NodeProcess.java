package io.ringrift.node;

import io.ringrift.node.config.NodeConfig;

/// A running node. The assembly fills this in; the command line calls exactly these methods.
public final class NodeProcess implements AutoCloseable {
  public static NodeProcess start(NodeConfig config) {
    config.warnings();
    return new NodeProcess();
  }

  public int awaitStop() throws InterruptedException {
    return 0;
  }

  public void awaitReady() throws InterruptedException {}

  @Override
  public void close() {}
}
