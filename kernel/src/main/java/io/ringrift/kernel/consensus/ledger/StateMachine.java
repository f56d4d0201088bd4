package io.ringrift.kernel.consensus.ledger;

import io.ringrift.kernel.Epoch;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/// Executes the ledger's commands. One thread of the ledger calls every method, unless it says
/// otherwise; none overlap. `apply` is a pure function of the state and the entries and is total: a
/// command that cannot be done is answered with a refusal in its result, never with an exception. A
/// `Refusal` tells of the disk: the ledger withdraws, reloads, and hands the entries in again. Any
/// other exception is a broken invariant and stops the node.
public interface StateMachine {
  /// Executes entries in order and stores the last position with the state in one write. Entries at
  /// or below `applied()` are not handed in again.
  ///
  /// @return one result per entry; empty bytes for OPEN_EPOCH
  List<byte[]> apply(List<LogEntry> entries);

  /// Last position that the stored state includes.
  LogPosition applied();

  /// Begins again from what is stored: called after a write failed, before the entries behind
  /// `applied()` are handed in once more. A machine whose memory is never ahead of its store has
  /// nothing to do.
  ///
  /// @throws io.ringrift.kernel.Refusal when the store cannot be opened yet; called again later
  default void reload() {}

  /// Writes the whole state; equal states write equal bytes.
  void snapshot(OutputStream out) throws IOException;

  /// Replaces the whole state by a snapshot taken at `position`; all or nothing.
  void restore(LogPosition position, InputStream in) throws IOException;

  /// Hash of the state, hexadecimal; equal on equal replicas. Cheap: kept up to date by `apply`.
  String stateHash();

  /// Greatest epoch that the state names; the next leader's is greater. A state that was restored
  /// from elsewhere may name one that no voter here has promised. Any thread.
  default Epoch greatestEpoch() {
    return Epoch.ZERO;
  }

  /// Whether it is busy with the whole state, which an entry restores or somebody copies: nothing
  /// is executed for as long as the state is large, and nothing hangs. Any thread; does not block.
  default boolean busyWithAll() {
    return false;
  }

  /// Commands that this voter had taken alone and that lost their place to another leader's. The
  /// machine may offer those again whose repetition is harmless (by request id).
  void dropped(List<LogEntry> entries);
}
