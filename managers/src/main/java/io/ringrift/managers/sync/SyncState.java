package io.ringrift.managers.sync;

/// State of the sync workflow (SPEC 1.7): IDLE, COLLECTING, SYNCING, then SYNCED until the next
/// round begins, or RETRY between two tries of failed transfers.
enum SyncState {
  IDLE,
  COLLECTING,
  SYNCING,
  SYNCED,
  RETRY
}
