package io.ringrift.managers.training;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.JsonFields;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.rating.v1.Meeting;
import io.ringrift.rating.v1.MeetingState;
import io.ringrift.rating.v1.Standing;
import io.ringrift.rating.v1.Tournament;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Tournaments as functions of their work items, which are all that is kept of them: the payload
/// names tournament, configuration and the two who meet.
@Pure
final class RoundRobin {
  /// What ids of tournaments, and so of their items, begin with.
  static final String PREFIX = "tour-";

  static final int MOST_PARTICIPANTS = 14;
  static final int MOST_PAIRS = 200;

  private RoundRobin() {}

  /// An item of a tournament.
  record Game(WorkItem item, String tournament, String configKey, String one, String other) {
    /// Empty for an item that is none.
    static Optional<Game> of(WorkItem item) {
      String[] words = item.getSpec().getPayload().split(" ", -1);
      boolean sound =
          words.length == 4
              && words[0].startsWith(PREFIX)
              && item.getWorkId().startsWith(words[0] + "-");
      return sound
          ? Optional.of(new Game(item, words[0], words[1], words[2], words[3]))
          : Optional.empty();
    }

    static String payload(String tournament, String configKey, String one, String other) {
      return String.join(" ", tournament, configKey, one, other);
    }

    int pairs() {
      return item.getSpec().getJob().getNumGames() / 2;
    }

    /// A letter a game; empty unless the item is complete and told as many as were asked for.
    String outcomes() {
      if (item.getState() != WorkState.WORK_STATE_COMPLETED) {
        return "";
      }
      String told = JsonFields.of(item.getOutput()).getOrDefault("outcomes", "");
      return told.length() == 2 * pairs() ? told : "";
    }
  }

  /// Everybody with everybody, once.
  record Pair(String one, String other) {}

  /// @throws Refusal INVALID_ARGUMENT naming the field
  static List<Pair> pairs(List<String> participants) {
    int count = participants.size();
    if (count < 2 || count > MOST_PARTICIPANTS) {
      throw Refusal.invalid(
          "participants", Integer.toString(count), "2 to " + MOST_PARTICIPANTS + " participants");
    }
    var seen = new HashSet<String>();
    var pairs = new ArrayList<Pair>();
    for (int i = 0; i < count; i++) {
      if (!seen.add(participants.get(i))) {
        throw Refusal.invalid("participants", participants.get(i), "named once");
      }
      for (int j = i + 1; j < count; j++) {
        pairs.add(new Pair(participants.get(i), participants.get(j)));
      }
    }
    return pairs;
  }

  /// Items by tournament, newest first.
  static Map<String, List<Game>> byTournament(List<WorkItem> items) {
    var all = new LinkedHashMap<String, List<Game>>();
    items.stream()
        .sorted(Comparator.comparingLong(WorkItem::getSequence).reversed())
        .flatMap(item -> Game.of(item).stream())
        .forEach(game -> all.computeIfAbsent(game.tournament(), _ -> new ArrayList<>()).add(game));
    return all;
  }

  static boolean complete(List<Game> games) {
    return games.stream().noneMatch(game -> Items.open(game.item()));
  }

  /// @param games of one tournament, at least one
  static Tournament describe(List<Game> games) {
    var first = games.getFirst();
    var meetings = games.reversed().stream().map(RoundRobin::meeting).toList();
    return Tournament.newBuilder()
        .setTournamentId(first.tournament())
        .setConfigKey(first.configKey())
        .setPairs(first.pairs())
        .setComplete(complete(games))
        .addAllMeetings(meetings)
        .addAllStandings(standings(meetings))
        .setCreateTime(first.item().getCreateTime())
        .build();
  }

  private static Meeting meeting(Game game) {
    var meeting =
        Meeting.newBuilder()
            .setParticipant(game.one())
            .setOther(game.other())
            .setWorkId(game.item().getWorkId());
    String outcomes = game.outcomes();
    if (Items.open(game.item())) {
      return meeting.setState(MeetingState.MEETING_STATE_OPEN).build();
    } else if (outcomes.isEmpty()) {
      return meeting
          .setState(MeetingState.MEETING_STATE_FAILED)
          .setError(
              Items.dead(game.item())
                  ? Items.ended(game.item())
                  : "its last line told no outcomes of " + 2 * game.pairs() + " games")
          .build();
    }
    int won = count(outcomes, 2);
    int drawn = count(outcomes, 1);
    int lost = count(outcomes, 0);
    return meeting
        .setState(MeetingState.MEETING_STATE_PLAYED)
        .setWon(won)
        .setDrawn(drawn)
        .setLost(lost)
        .setBroken(outcomes.length() - won - drawn - lost)
        .build();
  }

  private static int count(String outcomes, int points) {
    return (int) outcomes.chars().filter(c -> PairOutcomes.points((char) c) == points).count();
  }

  private static List<Standing> standings(List<Meeting> meetings) {
    var all = new LinkedHashMap<String, Standing.Builder>();
    for (Meeting meeting : meetings) {
      add(all, meeting.getParticipant(), meeting.getWon(), meeting.getLost(), meeting.getDrawn());
      add(all, meeting.getOther(), meeting.getLost(), meeting.getWon(), meeting.getDrawn());
    }
    return all.values().stream()
        .map(Standing.Builder::build)
        .sorted(
            Comparator.comparingDouble(Standing::getPoints)
                .reversed()
                .thenComparing(Standing::getParticipant))
        .toList();
  }

  private static void add(
      Map<String, Standing.Builder> all, String participant, int won, int lost, int drawn) {
    var line = all.computeIfAbsent(participant, who -> Standing.newBuilder().setParticipant(who));
    line.setGames(line.getGames() + won + lost + drawn)
        .setWon(line.getWon() + won)
        .setLost(line.getLost() + lost)
        .setDrawn(line.getDrawn() + drawn)
        .setPoints(line.getPoints() + won + drawn / 2.0);
  }
}
