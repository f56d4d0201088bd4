package io.ringrift.managers;

/// A manager that can be asked how it is. Never blocks for long, never throws; any thread.
public interface HealthCheck {
  /// Name as the seeds' /status shows it, for example `StateManager`.
  String name();

  Health health();
}
