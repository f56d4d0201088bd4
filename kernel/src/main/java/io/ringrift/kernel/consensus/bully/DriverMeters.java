package io.ringrift.kernel.consensus.bully;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/// What a voter counts.
final class DriverMeters {
  final Counter proposals;
  final Counter refusals;
  final Counter commits;
  final Counter appends;
  final Counter elections;
  final Counter dropped;
  final Counter stalls;
  final Timer sync;
  final Timer turn;

  DriverMeters(MeterRegistry registry) {
    proposals = registry.counter("ringrift.ledger.proposals");
    refusals = registry.counter("ringrift.ledger.proposals.refused");
    commits = registry.counter("ringrift.ledger.commits");
    appends = registry.counter("ringrift.ledger.appends");
    elections = registry.counter("ringrift.elections.won");
    dropped = registry.counter("ringrift.voter.messages.dropped");
    stalls = registry.counter("ringrift.voter.stalls");
    sync = registry.timer("ringrift.ledger.sync");
    turn = registry.timer("ringrift.voter.turn");
  }
}
