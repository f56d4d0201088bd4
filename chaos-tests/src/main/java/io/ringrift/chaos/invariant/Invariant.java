package io.ringrift.chaos.invariant;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/// One property that must hold after every event. Told of what happened, it throws
/// `InvariantBroken` at the first event that breaks it. Work per call is constant or small, so that
/// every event can be checked. One thread.
///
/// Commands are numbered from 1; sets of commands are bit sets over those numbers. The content of a
/// log entry is a number that differs for different entries.
public interface Invariant extends Named {
  /// A process started with what its disk kept.
  default void booted(int node, Epoch promised, Epoch gate) {}

  /// A promise became durable.
  default void promised(int voter, Epoch epoch, Optional<NodeId> grantedTo) {}

  /// A grant left the voter; `durable` tells whether its disk holds exactly this promise.
  default void granted(int voter, Epoch epoch, NodeId to, boolean durable) {}

  /// A node published its answer to "who leads".
  default void announced(int node, Leadership leadership) {}

  /// A node handled one input.
  default void stepped(int node, Epoch promised, Leadership leadership) {}

  /// An entry became durable right behind `previous`.
  default void stored(int node, LogPosition previous, LogPosition position, long content) {}

  /// A node executed an entry.
  default void committed(int node, LogPosition position, long content, String stateHash) {}

  /// A node's state was replaced by a snapshot or read back from its disk.
  default void restored(int node, LogPosition position, String stateHash) {}

  /// A client was told that its command is done.
  default void acknowledged(int node, long command, LogPosition position) {}

  /// A client was told that nothing of its command was written.
  default void unwritten(long command) {}

  /// A leader's duties opened; `applied` are the commands its state includes.
  default void dutiesOpened(int node, Epoch epoch, BitSet applied) {}

  /// A voter gave up an entry that it had taken; `applied` are the commands its state includes.
  default void dropped(int node, LogPosition position, long command, BitSet applied) {}

  /// A worker learned that duties of this epoch are open.
  default void reached(int worker, Epoch epoch) {}

  /// A worker obeyed an order.
  default void obeyed(int worker, int leader, Epoch epoch) {}

  default void readBegan(long ticket) {}

  default void readServed(int node, long ticket, BitSet applied) {}

  default void readEnded(long ticket) {}

  /// Faults were removed; `missing` tells what has not healed within the bound, and is empty when
  /// all has.
  default void healed(List<String> missing) {}

  /// The run is over; the commands that each node's state includes.
  default void finished(List<BitSet> applied) {}
}
