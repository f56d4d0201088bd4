package io.ringrift.kernel;

import io.ringrift.kernel.time.Moment;
import java.util.Optional;

/// The one answer to "who leads", made by the consensus module and by nobody else.
///
/// @param role this node's role
/// @param leader leader of `epoch`; empty when unknown
/// @param epoch greatest epoch known
/// @param leaseEnds at the leader, the moment its lease ends on its own monotonic clock; elsewhere
///   `Moment.MIN`
public record Leadership(Role role, Optional<NodeId> leader, Epoch epoch, Moment leaseEnds) {
  /// Nobody is known to lead.
  public static Leadership unknown(Epoch epoch) {
    return new Leadership(Role.FOLLOWER, Optional.empty(), epoch, Moment.MIN);
  }

  /// Who leads in that epoch; empty when it is another than this one, or the leader is not known.
  public Optional<NodeId> leaderIn(Epoch asked) {
    return epoch.equals(asked) ? leader : Optional.empty();
  }

  /// What there is to tell at that moment: with its lease over a leader knows of none, also while
  /// it is too busy, with a disk that stands still, to say so itself.
  public Leadership at(Moment now) {
    return role == Role.LEADER && !leadsAt(now) ? unknown(epoch) : this;
  }

  /// Leadership is a question about a moment: true only while the own lease runs.
  public boolean leadsAt(Moment now) {
    return role == Role.LEADER && now.isBefore(leaseEnds);
  }
}
