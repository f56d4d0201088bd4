package io.ringrift.chaos.sim;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;

/// A gossip core of one node, as the simulator drives it. Messages are opaque to the simulator. One
/// thread, no calls overlap.
public interface FactsCell {
  /// Starts a gossip core.
  @FunctionalInterface
  interface Factory {
    FactsCell boot(SideWorld world);
  }

  /// Reads one fact.
  @FunctionalInterface
  interface Reader {
    void holds(NodeId owner, BootId boot, long counter, long content);
  }

  /// The node posts its next fact.
  void publish(Moment now, long content);

  /// Time until the next round.
  Duration pause();

  void round(Moment now);

  void receive(Moment now, NodeId from, Object message);

  /// All facts held, the own one included.
  void read(Reader reader);
}
