package io.ringrift.kernel;

/// One change of leadership, delivered serially and in order to each subscriber.
public sealed interface LeadershipEvent {
  /// Epoch that the event is about.
  Epoch epoch();

  /// Somebody is known to lead.
  record LeaderKnown(NodeId leader, Epoch epoch) implements LeadershipEvent {}

  /// Nobody is known to lead any longer.
  record LeaderUnknown(Epoch epoch) implements LeadershipEvent {}

  /// This node leads and its applied state includes everything committed before: duties open.
  record DutiesOpened(Epoch epoch) implements LeadershipEvent {}

  /// This node no longer leads in that epoch: duties close before this returns.
  record DutiesClosed(Epoch epoch, String cause) implements LeadershipEvent {}
}
