package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.kernel.Reason;
import io.ringrift.rating.v1.Match;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.RecordMatchesRequest;
import io.ringrift.selfplay.v1.GetDiversityRequest;
import io.ringrift.selfplay.v1.GetTargetsRequest;
import io.ringrift.selfplay.v1.GetWeightsRequest;
import io.ringrift.selfplay.v1.SetModifiersRequest;
import io.ringrift.selfplay.v1.WeightTerm;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// SelfplayService as its clients meet it, and what it tells.
class SelfplayOverStateTest extends SelfplayBed {
  @Test
  void weightsAreExplained() {
    games = Optional.of(Map.of("hex5_2p", 600L));
    var match =
        Match.newBuilder()
            .setMatchId("m")
            .setConfigKey("hex5_2p")
            .addParticipants("a")
            .addParticipants("b")
            .addPlaces(1)
            .addPlaces(2)
            .setRated(true);
    var _ =
        RatingServiceGrpc.newBlockingStub(channel)
            .recordMatches(RecordMatchesRequest.newBuilder().addMatches(match).build());
    var weight = weight(HEX5);
    assertThat(weight.getGames()).isEqualTo(600);
    assertThat(weight.getBestElo()).isEqualTo(1516);
    assertThat(weight.getTermsList())
        .extracting(WeightTerm::getName)
        .containsExactly(
            "static",
            "elo_boost",
            "curriculum",
            "board_override",
            "games_needed",
            "staleness",
            "elo_gap");
    double sum =
        weight.getTermsList().stream()
            .filter(term -> !term.getFactor())
            .mapToDouble(WeightTerm::getValue)
            .sum();
    double factor = weight.getTermsList().getLast().getValue();
    assertThat(weight.getEffectivePriority()).isEqualTo((int) Math.round(sum * factor));
    assertThat(weight.getShare() + weight(HEX8).getShare()).isEqualTo(1);
  }

  @Test
  void anOperatorsModifiersAreEventsThatEveryNodeReads() {
    var answer =
        stub()
            .setModifiers(
                SetModifiersRequest.newBuilder()
                    .setRequestId("r")
                    .setConfigKey("hex5_2p")
                    .setRate(2)
                    .setExplorationBoost(1.5)
                    .setExplorationDuration(Duration.newBuilder().setSeconds(60))
                    .build());
    assertThat(answer.getRate()).isEqualTo(2);
    assertThat(answer.getExplorationBoost()).isEqualTo(1.5);
    assertThat(weight(HEX5).getTermsList())
        .extracting(WeightTerm::getName)
        .contains("rate", "exploration_boost");
    assertThat(selfplay().health().details()).containsEntry("active_exploration_boosts", "1");
    now = now.plus(java.time.Duration.ofSeconds(61));
    assertThat(weight(HEX5).getTermsList())
        .extracting(WeightTerm::getName)
        .contains("rate")
        .doesNotContain("exploration_boost");
  }

  @Test
  void modifiersOfWhatIsNotPlayedAreRefused() {
    var request = SetModifiersRequest.newBuilder().setConfigKey("square8_2p").setRate(2).build();
    assertThatThrownBy(() -> stub().setModifiers(request))
        .hasMessageContaining("selfplay.configs")
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.INVALID_ARGUMENT));
  }

  @Test
  void weightsAreTheLeadersToTell() {
    consensus.follow("n2", 2);
    assertThatThrownBy(() -> stub().getWeights(GetWeightsRequest.getDefaultInstance()))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.NOT_LEADER));
  }

  @Test
  void aNodesTargetIsTold() {
    var targets = stub().getTargets(GetTargetsRequest.getDefaultInstance()).getTargetsList();
    assertThat(targets).hasSize(1);
    assertThat(targets.getFirst().getCap()).isEqualTo(3);
    assertThat(targets.getFirst().getTotalJobs()).isEqualTo(2);
    assertThat(targets.getFirst().getHardware()).isEqualTo("CPU only");
  }

  @Test
  void diversityIsThatOfTheQueuesItems() {
    populate(1);
    var diversity = stub().getDiversity(GetDiversityRequest.getDefaultInstance());
    assertThat(diversity.getItems()).isEqualTo(DEPTH);
    assertThat(diversity.getGamesByEngineModeMap()).isEqualTo(Map.of("mcts", 10L * DEPTH));
    assertThat(diversity.getSymmetricGames()).isEqualTo(10L * DEPTH);
    assertThat(diversity.getAsymmetricRatio()).isZero();
  }

  @Test
  void aPriorityThatMovesIsAnEventOfHighPriority() {
    round("selfplay_targets", 1);
    var _ =
        stub()
            .setModifiers(
                SetModifiersRequest.newBuilder().setConfigKey("hex5_2p").setRate(2).build());
    round("selfplay_targets", 1);
    var told =
        EventServiceGrpc.newBlockingStub(channel)
            .listEvents(ListEventsRequest.newBuilder().setPageSize(1000).build())
            .getEventsList()
            .stream()
            .filter(event -> event.getKind().equals("SELFPLAY_TARGET_UPDATED"))
            .toList();
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().getAttributesMap())
        .containsEntry("config_key", "hex5_2p")
        .containsEntry("priority", "high");
  }

  @Test
  void withoutTheEventsItIsDegraded() {
    assertThat(selfplay().health().status().name()).isEqualTo("DEGRADED");
    round("selfplay_events", 1);
    assertThat(selfplay().health().status().name()).isEqualTo("RUNNING");
    assertThat(selfplay().health().details()).containsKey("diversity_metrics");
  }

  @Test
  void aCurriculumWeightThatIsChangedIsInTheNextAnswer() {
    double before = curriculum();
    config = config(true, 1000, 1.75);
    assertThat(before).isEqualTo(2);
    assertThat(curriculum()).isEqualTo(3);
  }

  private double curriculum() {
    return weight(HEX5).getTermsList().stream()
        .filter(term -> term.getName().equals("curriculum"))
        .mapToDouble(WeightTerm::getValue)
        .sum();
  }
}
