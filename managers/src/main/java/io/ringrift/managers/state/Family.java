package io.ringrift.managers.state;

/// Kinds of entity in the replicated state, each a family of the key-value store. The order is the
/// order of snapshots.
enum Family {
  CLOCK("state_clock"),
  DRAINS("state_drains"),
  EVENTS("state_events"),
  GATES("state_gates"),
  HOURS("state_hours"),
  JOBS("state_jobs"),
  MATCHES("state_matches"),
  MODELS("state_models"),
  PROMOTIONS("state_promotions"),
  REQUESTS("state_requests"),
  RESTORE("state_restore"),
  TRAININGS("state_trainings"),
  WORK("state_work");

  /// Name of the family that holds what belongs to one replica only.
  static final String META = "state_meta";

  private final String store;

  Family(String store) {
    this.store = store;
  }

  /// Name in the store and in snapshots.
  String store() {
    return store;
  }
}
