package io.ringrift.managers.training;

import io.ringrift.kernel.Epoch;
import io.ringrift.managers.JsonFields;
import io.ringrift.managers.Kept;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.state.v1.ReadLearningResponse;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.Promotion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// Games for the ladder, apart from those of gates: every model that took office meets the
/// untrained network and the model before it. Matches are a set, so a result that is brought in
/// twice counts once.
final class RatingLoop {
  /// The untrained network differs by seed, so all rating games are of one.
  static final long SEED = 1;

  private static final int PRIORITY = 60;
  private static final int MOST_REMEMBERED = 10_000;

  private static final int MOST_RATED = 20;

  /// Games that all configurations' ratings fill at most, for games whose matches are forgotten
  /// would be played again and again.
  private static final int MOST_GAMES = Kept.MATCHES / 2;

  /// Of a pair, with two opponents.
  private static final int GAMES_OF_A_PAIR = 2 * 2;

  /// Items that wait or run at once.
  private static final int MOST_AT_ONCE = 4;

  private final LearningClient client;
  private final Supplier<TrainingConfig.Gauntlets> gauntlets;
  private final Set<String> done = new HashSet<>();
  private final AtomicLong queued = new AtomicLong();
  private final AtomicLong recorded = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final Rounds rounds = new Rounds();

  /// @param gauntlets asked anew for every decision
  RatingLoop(LearningClient client, Supplier<TrainingConfig.Gauntlets> gauntlets) {
    this.client = client;
    this.gauntlets = gauntlets;
  }

  Map<String, Long> counters() {
    return Map.of(
        "queued", queued.get(),
        "matches_recorded", recorded.get(),
        "items_failed", failed.get(),
        "steps_refused", rounds.refused());
  }

  /// Two that are to meet for so many pairs.
  private record Meeting(Model model, Optional<Model> other, int pairs) {
    String opponent() {
      return other.map(Model::getModelId).orElse(GateLoop.UNTRAINED);
    }

    String workId() {
      return "rate-" + model.getModelId() + "-" + opponent();
    }
  }

  void round(Optional<Epoch> epoch) {
    int pairs = gauntlets.get().ratingPairs();
    if (epoch.isEmpty() || pairs == 0) {
      return;
    }
    var learning = client.learning(ReadLearningRequest.newBuilder());
    var open = new AtomicInteger();
    rounds.each(
        meetings(learning, pairs).stream().filter(one -> !done.contains(one.workId())).toList(),
        meeting -> {
          if (open.get() < MOST_AT_ONCE && advance(epoch.get(), meeting)) {
            open.incrementAndGet();
          }
        });
  }

  /// Pairs against each opponent: as many as are asked for, or as fit for one change of office of
  /// each configuration.
  ///
  /// @param configs of which a model took office
  static int pairs(long configs, int asked) {
    return Math.clamp(MOST_GAMES / (configs * GAMES_OF_A_PAIR), 1, asked);
  }

  /// Changes of office of a configuration whose models are rated, the newest ones.
  ///
  /// @param pairs that fit
  static int rated(long configs, int pairs) {
    return Math.clamp(MOST_GAMES / (configs * GAMES_OF_A_PAIR * pairs), 1, MOST_RATED);
  }

  private static List<Meeting> meetings(ReadLearningResponse learning, int asked) {
    long configs =
        learning.getPromotionsList().stream().map(Promotion::getConfigKey).distinct().count();
    if (configs == 0) {
      return List.of();
    }
    int pairs = pairs(configs, asked);
    int most = rated(configs, pairs);
    var meetings = new ArrayList<Meeting>();
    var counted = new HashMap<String, Integer>();
    for (Promotion promotion : learning.getPromotionsList()) {
      if (counted.merge(promotion.getConfigKey(), 1, Integer::sum) > most) {
        continue;
      }
      Office.model(learning, promotion.getModelId())
          .ifPresent(
              model -> {
                meetings.add(new Meeting(model, Optional.empty(), pairs));
                Office.model(learning, promotion.getPreviousModelId())
                    .ifPresent(
                        before -> meetings.add(new Meeting(model, Optional.of(before), pairs)));
              });
    }
    return meetings;
  }

  /// @return whether its item waits or runs
  private boolean advance(Epoch epoch, Meeting meeting) {
    Optional<WorkItem> item = client.item(meeting.workId());
    if (item.isEmpty()) {
      if (recorded(meeting)) {
        remember(meeting);
        return false;
      }
      submit(epoch, meeting);
      return true;
    } else if (item.get().getState() == WorkState.WORK_STATE_COMPLETED) {
      record(epoch, meeting, item.get());
      remember(meeting);
    } else if (Items.dead(item.get())) {
      failed.incrementAndGet();
      remember(meeting);
    } else {
      return true;
    }
    return false;
  }

  private boolean recorded(Meeting meeting) {
    Model model = meeting.model();
    return client
        .matches(model.getConfigKey(), model.getModelId(), 10 * gauntlets.get().ratingPairs())
        .stream()
        .anyMatch(match -> match.getParticipantsList().contains(meeting.opponent()));
  }

  private void submit(Epoch epoch, Meeting meeting) {
    var set = gauntlets.get();
    var pairing =
        new GateLoop.Pairing(
            meeting.model(), meeting.other(), SEED, meeting.pairs(), 0, meeting.pairs());
    client.submit(
        epoch,
        meeting.workId(),
        GateLoop.game(set, meeting.model().getConfigKey(), pairing, PRIORITY));
    queued.incrementAndGet();
  }

  private void record(Epoch epoch, Meeting meeting, WorkItem item) {
    String one = meeting.model().getModelId();
    String other = meeting.opponent();
    var matches =
        GameResults.matches(
            one + "." + suffix(other),
            meeting.model().getConfigKey(),
            one,
            other,
            JsonFields.of(item.getOutput()).getOrDefault("outcomes", ""));
    recorded.addAndGet(client.record(epoch, matches));
  }

  private static String suffix(String opponent) {
    return opponent.substring(opponent.lastIndexOf('-') + 1);
  }

  private void remember(Meeting meeting) {
    if (done.size() >= MOST_REMEMBERED) {
      done.clear();
    }
    done.add(meeting.workId());
  }
}
