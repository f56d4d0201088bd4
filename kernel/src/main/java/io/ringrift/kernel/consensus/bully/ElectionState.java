package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.time.Moment;

/// What a node is doing about leadership; what is true only in one of these lives there. Following
/// -> Polling -> Nominated -> Leading, and from each of them back to Following.
sealed interface ElectionState {
  record Following() implements ElectionState {}

  record Polling(Poll poll, Moment resend) implements ElectionState {}

  record Nominated(Lease lease, Moment since) implements ElectionState {}

  record Leading(Lease lease) implements ElectionState {}
}
