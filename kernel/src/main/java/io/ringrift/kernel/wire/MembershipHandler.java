package io.ringrift.kernel.wire;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// What the membership module answers to its peers. Called on RPC threads; never blocks; replies
/// may come on another thread.
public interface MembershipHandler {
  /// First contact.
  ///
  /// @throws io.ringrift.kernel.Refusal SETTINGS_MISMATCH naming both values, WRONG_NODE for a
  ///   second process under this node's id, OVERLOADED
  void hello(Intro from, ClusterSettings settings, Consumer<Welcome> reply);

  /// One poll.
  ///
  /// @throws io.ringrift.kernel.Refusal WRONG_CLUSTER or OVERLOADED
  void poll(PollCall call, Consumer<PollAnswer> reply);

  /// Present view, sorted by node id.
  List<MemberReport> members();

  /// Delivers the present members and then every change, serially, until the watcher returns false
  /// or the returned handle is run.
  Runnable watch(Predicate<MemberReport> watcher);

  /// The sender leaves.
  ///
  /// @throws io.ringrift.kernel.Refusal WRONG_CLUSTER or OVERLOADED
  void goodbye(Intro from, String clusterId);
}
