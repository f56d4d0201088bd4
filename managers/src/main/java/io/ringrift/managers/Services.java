package io.ringrift.managers;

import io.grpc.Channel;
import io.ringrift.kernel.NodeId;

/// Where the stubs of managers lead: in-process for this node, over the network for others, back
/// over the opened stream for outbound-only ones. Deadlines, auth, fences and tracing are added
/// here once, and the chaos suite cuts links here. Channels may be cached by the caller for one
/// call only; methods are safe for any thread and do not block. A call without a deadline gets the
/// default one (10 s; streams none).
public interface Services {
  /// This node's name.
  NodeId self();

  /// This node's own services, in-process.
  Channel local();

  /// A node's services. Calls fail with UNREACHABLE when there is no way to it.
  Channel on(NodeId node);

  /// The leader's services.
  ///
  /// @throws io.ringrift.kernel.Refusal NO_QUORUM when nobody is known to lead
  Channel onLeader();
}
