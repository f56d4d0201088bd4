package io.ringrift.chaos.sim;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;

/// A consensus core of one node, as the simulator drives it. Every call but `drain` gives one input
/// and then carries out the effects in order through the `CellWorld`, until that says stop; `drain`
/// goes on with what was left. Messages are opaque to the simulator. One thread, no calls overlap.
public interface ConsensusCell {
  void tick(Moment now);

  void receive(Moment now, NodeId from, Object message);

  void propose(Moment now, long ticket, byte[] command);

  void barrier(Moment now, long ticket);

  void snapshotTaken(Moment now, LogPosition position);

  void stepDown(Moment now, String cause);

  void transfer(Moment now, long ticket, NodeId target);

  void fitness(Moment now, boolean fit, String cause);

  /// Carries out effects that an earlier call left when the world said stop.
  void drain();

  Leadership leadership();

  LogPosition logEnd();

  long commitIndex();

  /// Greatest epoch promised.
  Epoch promised();

  /// A message as text, the same in every run.
  String describe(Object message);
}
