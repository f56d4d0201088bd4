package io.ringrift.benchmarks;

import java.util.Collection;
import java.util.List;

/// A queue of small items, as workers of any system see it.
interface WorkQueue {
  String name();

  /// Processes that serve it.
  Collection<Long> pids();

  /// Sees to it that exactly or at least so many items wait.
  void fill(int items) throws Exception;

  /// A worker of its own, with a connection of its own where the system's clients have that.
  ///
  /// @param lease most items that it claims at once
  Worker worker(int number, int lease) throws Exception;

  /// One worker; used by one thread.
  interface Worker {
    /// Claims up to a lease of items, durably, and tells their ids; empty when none waits.
    List<String> claim() throws Exception;

    /// Completes the items claimed last, durably.
    void complete() throws Exception;

    /// Closes its connection.
    default void end() throws Exception {}
  }
}
