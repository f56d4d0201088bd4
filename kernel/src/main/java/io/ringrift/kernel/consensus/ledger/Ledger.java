package io.ringrift.kernel.consensus.ledger;

import io.ringrift.kernel.Epoch;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// The replicated log as managers use it. Methods never block and may be called from any thread;
/// futures complete on the ledger's own thread, so continuations must be short.
public interface Ledger {
  /// Greatest command that is taken; a larger one belongs into a file, not into the ledger.
  int MAX_COMMAND_BYTES = 1 << 20;

  /// Offers a command. Completes once the entry is durable on a majority of voters and executed
  /// here. Fails with a `Refusal`: NOT_LEADER, STALE_EPOCH or OVERLOADED when nothing was written;
  /// OUTCOME_UNKNOWN when leadership was lost in between, so that the caller has to repeat it under
  /// the same request id.
  ///
  /// @param epoch the epoch in which the caller believes that this node leads
  CompletableFuture<Applied> propose(Epoch epoch, byte[] command);

  /// Completes with the applied index once this leader's state includes everything committed before
  /// the call, confirmed by a majority after the call began (linearizable read point). Fails with
  /// NOT_LEADER or NO_QUORUM.
  CompletableFuture<Long> barrier();

  /// Where the local replica stands.
  LedgerStatus status();

  /// Called with each applied index after the state machine has executed it, serially.
  AutoCloseable watch(Consumer<Long> watcher);

  /// A command's result.
  ///
  /// @param position where it stands in the log
  /// @param result what the state machine answered
  record Applied(LogPosition position, byte[] result) {}

  /// Where a replica stands.
  ///
  /// @param stateHash hash of the state at `appliedIndex`, hexadecimal, equal on equal replicas
  record LedgerStatus(
      LogPosition logEnd,
      long commitIndex,
      long appliedIndex,
      long snapshotIndex,
      String stateHash) {}
}
