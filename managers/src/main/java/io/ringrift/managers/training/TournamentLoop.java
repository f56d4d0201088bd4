package io.ringrift.managers.training;

import io.ringrift.kernel.Epoch;
import io.ringrift.managers.training.RoundRobin.Game;
import io.ringrift.rating.v1.Tournament;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.RecordEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// Brings the games of tournaments into the set of matches, and tells of those that are complete.
/// Matches are a set, and an event goes by the id of its request, so a new leader may do again what
/// the one before it did.
final class TournamentLoop {
  private final LearningClient client;
  private final AtomicLong recorded = new AtomicLong();
  private final AtomicLong completed = new AtomicLong();
  private final Rounds rounds = new Rounds();

  /// Items whose games were brought in, and tournaments that were told of; of those that the queue
  /// remembers only. Of the loop's thread.
  private final Set<String> done = new HashSet<>();

  TournamentLoop(LearningClient client) {
    this.client = client;
  }

  Map<String, Long> counters() {
    return Map.of(
        "matches_recorded", recorded.get(),
        "tournaments_completed", completed.get(),
        "steps_refused", rounds.refused());
  }

  void round(Optional<Epoch> epoch) {
    if (epoch.isEmpty()) {
      return;
    }
    var all = RoundRobin.byTournament(client.items(RoundRobin.PREFIX));
    var known = new HashSet<>(all.keySet());
    all.values().forEach(games -> games.forEach(game -> known.add(game.item().getWorkId())));
    done.retainAll(known);
    rounds.each(
        all.entrySet().stream().filter(one -> !done.contains(one.getKey())).toList(),
        one -> advance(epoch.get(), one.getKey(), one.getValue()));
  }

  private void advance(Epoch epoch, String tournament, List<Game> games) {
    for (Game game : games) {
      if (!game.outcomes().isEmpty() && !done.contains(game.item().getWorkId())) {
        record(epoch, game);
        done.add(game.item().getWorkId());
      }
    }
    if (RoundRobin.complete(games)) {
      tell(epoch, RoundRobin.describe(games));
      done.add(tournament);
    }
  }

  private void record(Epoch epoch, Game game) {
    var matches =
        GameResults.matches(
            game.item().getWorkId(), game.configKey(), game.one(), game.other(), game.outcomes());
    recorded.addAndGet(client.record(epoch, matches));
  }

  private void tell(Epoch epoch, Tournament tournament) {
    String id = tournament.getTournamentId();
    var best = tournament.getStandings(0);
    var event =
        RecordEvent.newBuilder()
            .setKind("TOURNAMENT_COMPLETED")
            .setSubject(id)
            .putAttributes("config_key", tournament.getConfigKey())
            .putAttributes("first", best.getGames() == 0 ? "" : best.getParticipant())
            .putAttributes("participants", Integer.toString(tournament.getStandingsCount()))
            .putAttributes("failed_meetings", Long.toString(failed(tournament)));
    var result =
        client.apply(
            epoch, Command.newBuilder().setRequestId("completed:" + id).setRecordEvent(event));
    if (!result.getDuplicate()) {
      completed.incrementAndGet();
    }
  }

  private static long failed(Tournament tournament) {
    return tournament.getMeetingsList().stream()
        .filter(meeting -> !meeting.getError().isEmpty())
        .count();
  }
}
