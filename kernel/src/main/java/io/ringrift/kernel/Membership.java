package io.ringrift.kernel;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Who is here. All methods may be called from any thread and never block on I/O unless they say
/// so. Calls may be repeated. Decides nothing about leadership.
public interface Membership extends AutoCloseable {
  /// Immutable view, sorted by node id, this node included.
  List<Member> members();

  /// One member, if known.
  default Optional<Member> member(NodeId id) {
    return members().stream().filter(m -> m.id().equals(id)).findFirst();
  }

  /// Delivers every later change, serially, on one thread of the membership's own; a subscriber
  /// must return quickly. Closing the handle ends the delivery.
  AutoCloseable subscribe(Consumer<MembershipEvent> subscriber);

  /// Says goodbye to the reachable members; blocks at most about a second.
  void leave();

  @Override
  void close();
}
