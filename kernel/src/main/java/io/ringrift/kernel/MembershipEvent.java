package io.ringrift.kernel;

/// One change of the view of who is here, delivered serially to each subscriber.
public sealed interface MembershipEvent {
  /// The member after the change.
  Member member();

  /// First contact, or contact again after DEAD, LEFT or a restart.
  record Joined(Member member) implements MembershipEvent {}

  /// Silent past the suspect timeout. Wakes loops and stops placement; never elects.
  record Suspected(Member member) implements MembershipEvent {}

  /// A suspect was heard again, or refuted with a higher incarnation.
  record Refuted(Member member) implements MembershipEvent {}

  /// Silent past the dead timeout.
  record Died(Member member) implements MembershipEvent {}

  /// Said goodbye.
  record Left(Member member) implements MembershipEvent {}

  /// DEAD past the retire timeout.
  record Retired(Member member) implements MembershipEvent {}

  /// Retired past the purge timeout and forgotten.
  record Purged(Member member) implements MembershipEvent {}
}
