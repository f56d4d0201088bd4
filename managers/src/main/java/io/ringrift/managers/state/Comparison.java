package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.state.v1.StateMark;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Who differs, by what voters tell of their states at equal places of the log. At each place the
/// state that a majority of all voters has is the right one, whoever leads. Where none has a
/// majority nobody can tell which is wrong, and all that is known is who differs from the voter
/// that looks.
@Pure
final class Comparison {
  /// One voter's.
  ///
  /// @param place first place of the log at which it was seen
  /// @param wrong a majority agrees against it; else it only differs from the voter that looks
  record Difference(long place, boolean wrong) {}

  private final NavigableMap<String, Difference> differing = new TreeMap<>();
  private final NavigableSet<String> agreeing = new TreeSet<>();

  /// @param self the voter that looks
  /// @param told marks of the voters that answered, its own too
  /// @param majority how many voters that is
  Comparison(String self, Map<String, List<StateMark>> told, int majority) {
    var places = new TreeMap<Long, Map<String, Set<String>>>();
    told.forEach(
        (voter, marks) ->
            marks.forEach(
                mark ->
                    places
                        .computeIfAbsent(mark.getIndex(), _ -> new HashMap<>())
                        .computeIfAbsent(mark.getStateHash(), _ -> new TreeSet<>())
                        .add(voter)));
    places.forEach((place, states) -> judge(self, majority, place, states.values()));
  }

  private void judge(String self, int majority, long place, Collection<Set<String>> groups) {
    Optional<Set<String>> right =
        groups.stream().filter(group -> group.size() >= majority).findFirst();
    right.ifPresent(agreeing::addAll);
    var seen = new Difference(place, right.isPresent());
    Optional<Set<String>> measure =
        right.or(() -> groups.stream().filter(group -> group.contains(self)).findFirst());
    if (measure.isEmpty()) {
      return;
    }
    for (Set<String> group : groups) {
      if (!group.equals(measure.get())) {
        group.forEach(voter -> differing.merge(voter, seen, Comparison::worse));
      }
    }
  }

  private static Difference worse(Difference one, Difference later) {
    return one.wrong() || !later.wrong() ? one : later;
  }

  /// Voters that share a state with a majority, at some place.
  NavigableSet<String> agreeing() {
    return Collections.unmodifiableNavigableSet(agreeing);
  }

  NavigableMap<String, Difference> differing() {
    return Collections.unmodifiableNavigableMap(differing);
  }

  /// What is known from here on. A difference that is known ends when its voter agrees with a
  /// majority somewhere and is seen to differ nowhere: one that told no place that others told,
  /// because it began again or is far behind, is as it was.
  ///
  /// @param voters all of them: nothing is known of others any more
  NavigableMap<String, Difference> after(
      NavigableMap<String, Difference> before, Set<String> voters) {
    var now = new TreeMap<>(before);
    now.keySet().removeIf(voter -> !voters.contains(voter) || agreeing.contains(voter));
    differing.forEach(
        (voter, seen) -> {
          Difference known = before.get(voter);
          if (seen.wrong()) {
            now.put(voter, known == null || !known.wrong() ? seen : known);
          } else if (!agreeing.contains(voter)) {
            now.putIfAbsent(voter, seen);
          }
        });
    return Collections.unmodifiableNavigableMap(now);
  }
}
