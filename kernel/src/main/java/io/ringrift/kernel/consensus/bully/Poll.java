package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.util.Set;
import java.util.TreeSet;

/// One round of asking before running, so that a node which cannot win raises no epoch (thesis,
/// section 9.6).
///
/// @param granted voters that would grant now
/// @param answered voters that have answered anything
record Poll(Epoch epoch, Moment since, Set<NodeId> granted, Set<NodeId> answered) {
  static Poll by(NodeId self, Epoch epoch, Moment since) {
    var poll = new Poll(epoch, since, new TreeSet<>(), new TreeSet<>());
    poll.answer(self, true);
    return poll;
  }

  void answer(NodeId from, boolean wouldGrant) {
    answered.add(from);
    if (wouldGrant) {
      granted.add(from);
    }
  }
}
