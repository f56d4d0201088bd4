package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.managers.Kept;
import io.ringrift.rating.v1.Match;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.ReadMatchesRequest;
import io.ringrift.state.v1.RecordMatches;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Finished games: a set that only grows, but for the oldest above the bound, so that ratings are a
/// function of what every replica holds.
@Pure
final class MatchTable {
  private static final int MOST_AT_ONCE = 200;

  private final Changes changes;
  private final StateClock clock;
  private final TreeMap<String, Match> byId = new TreeMap<>();
  private final TreeMap<Long, Match> bySequence = new TreeMap<>();

  MatchTable(Changes changes, StateClock clock) {
    this.changes = changes;
    this.clock = clock;
  }

  void load(Match match) {
    byId.put(match.getMatchId(), match);
    bySequence.put(match.getSequence(), match);
  }

  int size() {
    return byId.size();
  }

  Decision record(RecordMatches command, long ledgerMillis) {
    int count = command.getMatchesCount();
    if (count < 1 || count > MOST_AT_ONCE) {
      return Decision.invalid("matches", count + " matches", "1 to " + MOST_AT_ONCE);
    }
    var fresh = new LinkedHashMap<String, Match>();
    for (int i = 0; i < count; i++) {
      Match match = command.getMatches(i);
      Optional<Decision> refusal = refuses("matches[" + i + "]", match, fresh);
      if (refusal.isPresent()) {
        return refusal.get();
      }
      if (!byId.containsKey(match.getMatchId())) {
        fresh.putIfAbsent(match.getMatchId(), match);
      }
    }
    if (fresh.isEmpty()) {
      return new Decision.Settled(CommandResult.getDefaultInstance());
    }
    return new Decision.Change(() -> add(List.copyOf(fresh.values()), ledgerMillis));
  }

  private CommandResult add(List<Match> fresh, long ledgerMillis) {
    for (Match match : fresh) {
      var stored =
          match.toBuilder().setLedgerMillis(ledgerMillis).setSequence(clock.nextSequence()).build();
      load(stored);
      changes.record(Family.MATCHES, Keys.of(stored.getMatchId()), null, stored);
    }
    while (byId.size() > Kept.MATCHES) {
      Match oldest = bySequence.pollFirstEntry().getValue();
      byId.remove(oldest.getMatchId());
      changes.record(Family.MATCHES, Keys.of(oldest.getMatchId()), oldest, null);
    }
    return CommandResult.newBuilder().setAdded(fresh.size()).build();
  }

  private Optional<Decision> refuses(String field, Match match, Map<String, Match> fresh) {
    if (!Names.ID.matcher(match.getMatchId()).matches()) {
      return invalid(
          field + ".match_id",
          match.getMatchId(),
          "1 to 64 letters, digits, dots, colons or dashes");
    }
    if (!Names.CONFIG.matcher(match.getConfigKey()).matches()) {
      return invalid(
          field + ".config_key", match.getConfigKey(), "board and players, hex5_2p for example");
    }
    return refusesSeats(field, match).or(() -> refusesAnother(field, match, fresh));
  }

  private static Optional<Decision> refusesSeats(String field, Match match) {
    int seats = match.getParticipantsCount();
    boolean named =
        match.getParticipantsList().stream().allMatch(name -> Names.ID.matcher(name).matches());
    if (seats < 2
        || seats > 4
        || !named
        || new HashSet<>(match.getParticipantsList()).size() < seats) {
      return invalid(
          field + ".participants",
          match.getParticipantsList().toString(),
          "2 to 4 different names of 1 to 64 characters");
    }
    if (match.getPlacesCount() != seats
        || match.getPlacesList().stream().anyMatch(place -> place < 1 || place > seats)) {
      return invalid(
          field + ".places",
          match.getPlacesList().toString(),
          "a place from 1 to " + seats + " each");
    }
    return Optional.empty();
  }

  private Optional<Decision> refusesAnother(String field, Match match, Map<String, Match> fresh) {
    String id = match.getMatchId();
    Match known = byId.getOrDefault(id, fresh.get(id));
    if (known != null && !same(known, match)) {
      return Optional.of(
          Decision.refused(
              Reason.INVALID_ARGUMENT,
              field
                  + ".match_id \""
                  + match.getMatchId()
                  + "\" is another match already; matches never"
                  + " change, give this one an id of its own"));
    }
    return Optional.empty();
  }

  private static Optional<Decision> invalid(String field, String value, String rule) {
    return Optional.of(Decision.invalid(field, value, rule));
  }

  private static boolean same(Match known, Match match) {
    return known.toBuilder()
        .setLedgerMillis(match.getLedgerMillis())
        .setSequence(match.getSequence())
        .build()
        .equals(match);
  }

  /// Newest first.
  List<Match> find(ReadMatchesRequest request) {
    long before = request.getBeforeSequence() == 0 ? Long.MAX_VALUE : request.getBeforeSequence();
    int limit = request.getLimit() <= 0 ? Kept.MATCHES : Math.min(Kept.MATCHES, request.getLimit());
    return bySequence.headMap(before, false).descendingMap().values().stream()
        .filter(
            m ->
                request.getConfigKey().isEmpty() || request.getConfigKey().equals(m.getConfigKey()))
        .filter(
            m ->
                request.getParticipant().isEmpty()
                    || m.getParticipantsList().contains(request.getParticipant()))
        .filter(m -> m.getRated() || !request.getRatedOnly())
        .limit(limit)
        .toList();
  }
}
