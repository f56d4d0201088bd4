package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;

/// What the office wants done, in this order.
sealed interface OfficeEffect {
  /// Offer the entry that opens an epoch for this Raft term.
  record OfferEpoch(long term) implements OfficeEffect {}

  /// Tell who leads.
  record Announce(Leadership leadership) implements OfficeEffect {}

  /// This node's duties as leader begin.
  record OpenDuties(Epoch epoch) implements OfficeEffect {}

  /// They are over.
  record CloseDuties(Epoch epoch, String cause) implements OfficeEffect {}

  /// Make Raft choose another leader.
  record Resign(String cause) implements OfficeEffect {}

  /// Take part in elections, or stay out of them.
  record Candidacy(boolean allowed) implements OfficeEffect {}
}
