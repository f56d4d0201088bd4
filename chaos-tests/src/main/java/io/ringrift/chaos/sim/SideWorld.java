package io.ringrift.chaos.sim;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import java.util.List;
import java.util.Set;

/// What the cells beside consensus do their effects with, on one process of one node. One thread.
public interface SideWorld {
  NodeId self();

  BootId boot();

  /// What the wall clock showed at the start; may be wrong by hours.
  long bootTimeMillis();

  /// Whether this node can only dial out.
  boolean outboundOnly();

  Set<NodeId> voters();

  Timing timing();

  /// The present view.
  List<Member> members();

  void sendToView(NodeId to, Object message);

  void sendToFacts(NodeId to, Object message);

  void changed(MembershipEvent event);
}
