package io.ringrift.node;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Who is a voter, and of what rank, is the cluster's word; where a voter listens is the
/// operator's. So all addresses can change while every node is down, when nothing can be decided. A
/// configuration is overruled where it is the older word: a voter that is added tells itself where
/// it listens.
@Pure
final class VoterPlaces {
  private VoterPlaces() {}

  /// The voters of a decided list, in its order. One that the configuration names too has host and
  /// ports of the configuration, any other keeps those of the list.
  ///
  /// @param overruled configured voters whose place counts no more as long as it is the same
  static List<Voter> placed(List<Voter> decided, List<Voter> configured, List<Voter> overruled) {
    Map<NodeId, Voter> places =
        configured.stream()
            .filter(voter -> overruled.stream().noneMatch(old -> same(old, voter)))
            .collect(Collectors.toMap(Voter::id, Function.identity(), (first, _) -> first));
    return decided.stream()
        .map(voter -> at(voter, places.getOrDefault(voter.id(), voter)))
        .toList();
  }

  private static Voter at(Voter voter, Voter place) {
    return new Voter(
        voter.id(), place.endpoint(), voter.priority(), place.raftPort(), place.swimPort());
  }

  /// Configured voters whose place counts no more once one list follows another: those that it adds
  /// elsewhere, and those that were overruled before and stay voters.
  static List<Voter> overruled(
      List<Voter> before, List<Voter> next, List<Voter> configured, List<Voter> overruled) {
    var stay = overruled.stream().filter(old -> lists(before, old) && lists(next, old));
    var added =
        configured.stream()
            .filter(voter -> !lists(before, voter) && lists(next, voter))
            .filter(voter -> next.stream().noneMatch(each -> same(each, voter)));
    return Stream.concat(stay, added).toList();
  }

  private static boolean lists(List<Voter> voters, Voter wanted) {
    return voters.stream().anyMatch(voter -> voter.id().equals(wanted.id()));
  }

  /// The same voter at the same place, of whatever rank.
  private static boolean same(Voter one, Voter other) {
    return at(one, other).equals(one) && one.id().equals(other.id());
  }
}
