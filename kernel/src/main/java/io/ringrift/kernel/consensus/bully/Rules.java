package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;

/// The rules that safety rests on, each one line, gathered so that a test can plant a fault in one
/// of them and see the simulation catch it. Production knows one instance.
class Rules {
  static final Rules PROTOCOL = new Rules();

  /// Grants and copies that make a majority (SPEC 3.4).
  int quorum(BullyConfig config) {
    return config.quorum();
  }

  /// Moment that a granted lease counts from: the send, because the voter counts from the receipt,
  /// which is later (RELIABILITY C.2).
  Moment leaseStart(Moment sent, Moment granted) {
    return sent;
  }

  /// Whether entries may be put behind `previous` (thesis, section 3.5, log matching).
  boolean follows(EntryLog log, LogPosition previous) {
    return log.contains(previous);
  }

  /// What a restarted voter still holds itself to.
  Promise restored(Promise stored) {
    return stored;
  }
}
