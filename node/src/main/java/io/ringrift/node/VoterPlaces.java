package io.ringrift.node;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Where the voters listen, by the newer of two words. Who is a voter, and of what rank, is the
/// word of the decided list. Its addresses count too, except where the configuration was changed
/// since: all addresses can change while every node is down, when nothing can be decided. What is
/// kept of the configuration tells a changed entry from one that was left behind by a command.
///
/// @param looked whether the configuration was ever looked at; a folder that an older program wrote
///   does not tell
/// @param configured voters as the configuration named them when it named them last
/// @param replaced for each entry of the configuration that counts instead of the list: where its
///   voter was before
@Pure
record VoterPlaces(boolean looked, List<Voter> configured, List<Voter> replaced) {
  static final VoterPlaces NONE = new VoterPlaces(false, List.of(), List.of());

  /// After a look at the configuration, which may have changed while the node was down.
  ///
  /// @param decided voters of the list that the folder holds; empty when it holds none
  VoterPlaces look(List<Voter> now, List<Voter> decided) {
    var gone = configured.stream().filter(old -> find(now, old.id()).isEmpty());
    var kept = gone.filter(old -> find(decided, old.id()).isPresent());
    return new VoterPlaces(
        true,
        Stream.concat(now.stream(), kept).toList(),
        Stream.concat(now.stream(), configured.stream())
            .map(Voter::id)
            .distinct()
            .flatMap(id -> replaced(id, now, decided).stream())
            .toList());
  }

  /// Where the voter was before the configuration said otherwise; empty when the list counts. Also
  /// of one that the list leaves out: a node that joins holds its list only once that is decided,
  /// and may hear of it when all addresses have changed.
  private Optional<Voter> replaced(NodeId id, List<Voter> now, List<Voter> decided) {
    Optional<Voter> entry = find(now, id);
    Optional<Voter> old = find(configured, id);
    Optional<Voter> listed = find(decided, id);
    if (entry.isEmpty() || (old.isPresent() && samePlace(old.get(), entry.get()))) {
      return find(replaced, id);
    }
    if (!looked || listed.filter(place -> samePlace(place, entry.get())).isPresent()) {
      return Optional.empty();
    }
    return listed.or(() -> old);
  }

  /// After a newer list. What it says of a voter is news, unless it is what the configuration
  /// replaced: the list was decided before that, and this node hears of it late.
  VoterPlaces follow(List<Voter> list) {
    return new VoterPlaces(
        looked,
        configured,
        replaced.stream()
            .filter(old -> find(list, old.id()).filter(now -> samePlace(now, old)).isPresent())
            .toList());
  }

  /// The voters of a decided list, in its order, where this node dials them.
  ///
  /// @param now the configuration, as it was looked at
  List<Voter> placed(List<Voter> decided, List<Voter> now) {
    return decided.stream()
        .map(
            voter ->
                find(replaced, voter.id())
                    .flatMap(_ -> find(now, voter.id()))
                    .map(place -> at(voter, place))
                    .orElse(voter))
        .toList();
  }

  private static Voter at(Voter voter, Voter place) {
    return new Voter(
        voter.id(), place.endpoint(), voter.priority(), place.raftPort(), place.swimPort());
  }

  static Optional<Voter> find(List<Voter> voters, NodeId id) {
    return voters.stream().filter(voter -> voter.id().equals(id)).findFirst();
  }

  /// The same host and ports, of whatever rank.
  static boolean samePlace(Voter one, Voter other) {
    return at(one, other).equals(one);
  }
}
