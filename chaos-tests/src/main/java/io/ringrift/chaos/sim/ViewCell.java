package io.ringrift.chaos.sim;

import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.util.List;

/// A failure detector of one node, as the simulator drives it. Every call gives inputs and carries
/// out the effects through the `SideWorld`. Messages are opaque to the simulator. One thread, no
/// calls overlap.
public interface ViewCell {
  /// Starts a detector.
  @FunctionalInterface
  interface Factory {
    ViewCell boot(SideWorld world, Moment start);
  }

  void tick(Moment now);

  void receive(Moment now, NodeId from, Object message);

  /// The node leaves on purpose and says goodbye.
  void leave(Moment now);

  /// The view as of the last tick or change, sorted by node id; the same list until then.
  List<Member> members();

  /// The node's own.
  Incarnation incarnation();
}
