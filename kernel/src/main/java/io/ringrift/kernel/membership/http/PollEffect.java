package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.wire.Belief;

/// What the detector wants done, in order.
sealed interface PollEffect {
  /// Say hello to whoever listens there.
  record Greet(Endpoint at) implements PollEffect {}

  /// Ask the member whether it is there.
  ///
  /// @param belief what this node believes of it
  record Poll(NodeId to, Endpoint at, Belief belief) implements PollEffect {}

  /// The view changed.
  record Changed(MembershipEvent event) implements PollEffect {}

  /// Something that a person has to look at.
  record Report(Trouble trouble, String text) implements PollEffect {}

  /// Kinds of trouble; the names are metric tags.
  enum Trouble {
    ENDPOINT_CONFLICT,
    DUPLICATE_ID,
    TABLE_FULL
  }
}
