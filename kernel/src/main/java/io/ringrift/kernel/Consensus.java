package io.ringrift.kernel;

import io.ringrift.kernel.consensus.ledger.Ledger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Who leads, and the ledger of what was decided. All methods may be called from any thread; only
/// those that say so block.
public interface Consensus extends AutoCloseable {
  /// The present answer, as of this moment; does not block.
  Leadership leadership();

  /// True while this node holds its lease in exactly this epoch. Asked right before each side
  /// effect of a leader's duty.
  boolean leadsNow(Epoch epoch);

  /// Delivers the present leadership and every later change, serially and in order, on one thread
  /// of the module's own.
  AutoCloseable subscribe(Consumer<LeadershipEvent> subscriber);

  /// The replicated log. On a node that is no voter it refuses proposals with NOT_LEADER.
  Ledger ledger();

  /// Configured voters, sorted.
  List<NodeId> voters();

  /// Votes that make a quorum: floor(n/2)+1 of the configured voters.
  default int quorum() {
    return voters().size() / 2 + 1;
  }

  /// The voters of which the log itself needs a majority now, sorted; empty while that changes.
  /// Other than `voters` only between the two steps of a change (docs/protocol/voters.md).
  default List<NodeId> electorate() {
    return voters();
  }

  /// Whether the log itself knows its voters: `reconfigure` then goes before a change is decided.
  default boolean keepsVoters() {
    return false;
  }

  /// The voters of the list that a change leads to, and where their protocol is dialled; it takes
  /// the place of what was told before. Empty when no change is under way. During a change this
  /// node hands leadership over only when it is asked to.
  default void introduce(Map<NodeId, Endpoint> addresses) {}

  /// Has the log itself agree on other voters, where it keeps them; elsewhere the change is in
  /// force once every node begins again with it. Does nothing when the log goes by `voters`
  /// already, so it may be repeated. Blocks, at most half a minute.
  ///
  /// @param from the voters that the log goes by, as the caller believes: it takes others only in
  ///   their place
  /// @throws Refusal NOT_LEADER, VOTERS_REFUSED when nothing was changed, or OUTCOME_UNKNOWN when
  ///   the log did not answer in time
  default void reconfigure(List<NodeId> from, List<NodeId> voters) {}

  /// Gives up leadership at once. Blocks until the lease is released locally.
  ///
  /// @return the epoch that was left
  /// @throws Refusal NOT_LEADER with the leader's id when this node does not lead
  Epoch stepDown(String cause);

  /// Hands over: waits, at most one lease, until the target holds the whole log, then releases the
  /// lease and nominates it. Blocks.
  ///
  /// @param target voter to nominate; empty takes the highest-ranked that is caught up
  /// @return who was nominated
  /// @throws Refusal NOT_LEADER, INVALID_ARGUMENT for a target that is no other voter, or
  ///   UNREACHABLE when it does not catch up
  NodeId transfer(Optional<NodeId> target);

  @Override
  void close();
}
