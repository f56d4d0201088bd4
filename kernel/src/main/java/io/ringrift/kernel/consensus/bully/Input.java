package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.util.List;
import java.util.Optional;

/// What can happen to a `BullyCore`.
sealed interface Input {
  /// Time passed. Handed in at least every tenth of the heartbeat interval.
  record Tick() implements Input {}

  record Received(NodeId from, Message message) implements Input {}

  /// Commands offered to this leader; each gets one log entry, in order.
  ///
  /// @param ticket chosen by the driver, unique; answered by `Effect.Accepted` or `Effect.Refused`
  record Propose(long ticket, List<byte[]> commands) implements Input {}

  /// Asks for a linearizable read point; answered by `Effect.BarrierPassed` or `Effect.Refused`.
  record Barrier(long ticket) implements Input {}

  /// The state names this epoch: the next one is greater, and a leader of a lesser one steps down.
  record EpochKnown(Epoch epoch) implements Input {}

  /// The driver has stored a snapshot of everything up to the position.
  record SnapshotTaken(LogPosition position) implements Input {}

  /// Leadership has to end now.
  record StepDown(String cause) implements Input {}

  /// Leadership has to move; answered by `Effect.Transferred` or `Effect.Refused`.
  record Transfer(long ticket, Optional<NodeId> target) implements Input {}

  /// This node noticed that it is not fit to lead (stall, slow or failing disk), or is fit again.
  /// Unfit: steps down, asks for no lease, still votes while its disk works.
  record Fitness(boolean fit, String cause) implements Input {}
}
