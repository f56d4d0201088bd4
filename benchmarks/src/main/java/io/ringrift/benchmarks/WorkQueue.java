package io.ringrift.benchmarks;

import java.util.Collection;
import java.util.Optional;

/// A queue of small items, as workers of any system see it.
interface WorkQueue {
  String name();

  /// Processes that serve it.
  Collection<Long> pids();

  /// Sees to it that exactly or at least so many items wait.
  void fill(int items) throws Exception;

  /// A worker of its own, with a connection of its own where the system's clients have that.
  Worker worker(int number) throws Exception;

  /// One worker; used by one thread.
  interface Worker {
    /// Claims one item, durably, and tells its id; empty when none waits.
    Optional<String> claim() throws Exception;

    /// Completes the item claimed last, durably.
    void complete() throws Exception;

    /// Closes its connection.
    default void end() throws Exception {}
  }
}
