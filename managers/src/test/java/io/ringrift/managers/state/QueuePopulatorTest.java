package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.job.v1.InputFile;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.selfplay.ConfigKey;
import io.ringrift.selfplay.v1.GetWeightsRequest;
import io.ringrift.selfplay.v1.Weight;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The queue is kept filled, and nothing is put there twice.
class QueuePopulatorTest extends SelfplayBed {
  @Test
  void theQueueIsFilledUpToItsDepth() {
    populate(1);
    assertThat(pending()).isEqualTo(DEPTH);
    assertThat(items())
        .allSatisfy(
            item -> {
              var job = item.getSpec().getJob();
              assertThat(item.getSpec().getWorkType()).isEqualTo("selfplay");
              assertThat(job.getWorkload()).isEqualTo("hex");
              assertThat(job.getEngineMode()).isEqualTo("mcts");
              assertThat(job.getNumGames()).isEqualTo(10);
              assertThat(job.getNumPlayers()).isEqualTo(2);
              assertThat(job.getBoardType()).isIn("hex5", "hex8");
              assertThat(job.getParamsMap()).isEmpty();
            });
    assertThat(items())
        .extracting(item -> item.getSpec().getJob().getSeed())
        .doesNotHaveDuplicates();
  }

  @Test
  void theQueueIsNotFilledBeyondItsDepth() {
    populate(1);
    populate(1);
    assertThat(items()).hasSize(DEPTH);
  }

  @Test
  void whatOthersSubmittedCounts() {
    for (int i = 0; i < 5; i++) {
      submit(Ledgers.selfplay());
    }
    populate(1);
    assertThat(pending()).isEqualTo(DEPTH);
  }

  @Test
  void nothingIsRepeatedAfterAChangeOfLeader() {
    populate(1);
    consensus.follow("n2", 2);
    consensus.lead(3);
    populate(3);
    assertThat(items()).hasSize(DEPTH);
  }

  @Test
  void modesThatNeedAGpuGoToNodesWithOneOnly() {
    config = engine(config, "gumbel-mcts");
    nodes = List.of(node("n1", "ALIVE", 16), gpuNode("n2"));
    populate(1);
    assertThat(items())
        .hasSize(DEPTH)
        .allSatisfy(
            item -> assertThat(item.getSpec().getJob().getEngineMode()).isEqualTo("gumbel-mcts"));
    assertThat(queue().claimWork(claim("n1").build()).getItemsList()).isEmpty();
    assertThat(queue().claimWork(claim("n2").setFreeGpus(1).build()).getItemsList()).hasSize(1);
  }

  @Test
  void withoutANodeWithAGpuHeuristicOnlyIsPlayedInTheirPlace() {
    config = engine(config, "gumbel-mcts");
    nodes = List.of(node("n1", "ALIVE", 16));
    populate(1);
    assertThat(items())
        .hasSize(DEPTH)
        .allSatisfy(
            item ->
                assertThat(item.getSpec().getJob().getEngineMode()).isEqualTo("heuristic-only"));
    assertThat(queue().claimWork(claim("n1").build()).getItemsList()).hasSize(1);
  }

  private long told(String mode) {
    return items().stream()
        .filter(item -> item.getSpec().getJob().getEngineMode().equals(mode))
        .count();
  }

  @Test
  void whatWaitsForAGpuThatDiedKeepsNoOtherNodeIdle() {
    config = engine(config, "gumbel-mcts");
    nodes = List.of(node("n1", "ALIVE", 16), gpuNode("n2"));
    populate(1);
    nodes = List.of(node("n1", "ALIVE", 16), gpuNode("n2").toBuilder().setState("DEAD").build());
    populate(1);
    assertThat(told("gumbel-mcts")).isEqualTo(DEPTH);
    assertThat(told("heuristic-only")).isEqualTo(DEPTH);
    assertThat(queue().claimWork(claim("n1").build()).getItemsList()).hasSize(1);
  }

  @Test
  void howeverMuchNobodyMayClaimNoMoreThanTwiceTheTargetWaits() {
    var job =
        JobSpec.newBuilder().setWorkload("hex").setBoardType("hex5").setNumPlayers(2).setGpus(1);
    for (int i = 0; i < 2 * DEPTH - 4; i++) {
      submit(Ledgers.selfplay().setJob(job));
    }
    populate(1);
    assertThat(told("mcts")).isEqualTo(4);
    populate(1);
    assertThat(pending()).isEqualTo(2 * DEPTH);
  }

  @Test
  void whileNoNodePlaysAtAllNothingIsAddedToWhatWaits() {
    populate(1);
    nodes = List.of(node("n1", "DEAD", 16));
    populate(1);
    assertThat(items()).hasSize(DEPTH);
  }

  @Test
  void aGpuOfANodeThatDoesNotOfferTheTemplateOrTakesNoJobsIsNone() {
    config = engine(config, "gumbel-mcts");
    var other = gpuNode("n2").toBuilder();
    other.getFactsBuilder().clearWorkloads().addWorkloads("other");
    var idle = gpuNode("n3").toBuilder();
    idle.getFactsBuilder().setMaxJobs(0);
    nodes = List.of(node("n1", "ALIVE", 16), other.build(), idle.build());
    populate(1);
    assertThat(told("heuristic-only")).isEqualTo(DEPTH);
  }

  @Test
  void anEntryOfTheTableThatNeedsAGpuNeedsOneThatPlays() {
    var table = engine(config, "table");
    config = configs(table, List.of(new ConfigKey("square8", 2)));
    nodes = List.of(gpuNode("n2"));
    assertThat(excluded()).doesNotContain("NEEDS_GPU");
    var other = gpuNode("n2").toBuilder();
    other.getFactsBuilder().clearWorkloads();
    nodes = List.of(other.build());
    assertThat(excluded()).contains("NEEDS_GPU");
  }

  private List<String> excluded() {
    return stub().getWeights(GetWeightsRequest.getDefaultInstance()).getWeightsList().stream()
        .map(Weight::getExcluded)
        .toList();
  }

  @Test
  void aConfigurationThatIsRefusedKeepsNoOtherFromBeingPlayed() {
    config = configs(config, List.of(new ConfigKey("chess", 2), HEX5));
    populate(1);
    assertThat(items())
        .hasSize(DEPTH)
        .extracting(item -> item.getSpec().getJob().getBoardType())
        .containsOnly("hex5");
    assertThat(stub().getWeights(GetWeightsRequest.getDefaultInstance()).getPopulator())
        .contains("submitted " + DEPTH + " items", "chess_2p", "board_type");
  }

  @Test
  void whenEveryConfigurationIsRefusedTheRoundFails() {
    config = configs(config, List.of(new ConfigKey("chess", 2), new ConfigKey("chess", 3)));
    assertThatThrownBy(() -> populate(1)).hasMessageContaining("board_type");
    assertThat(items()).isEmpty();
  }

  @Test
  void aBoardThatNoNodeHasTheMemoryForIsQueuedOnceOneHas() {
    config = largeBoards(configs(config, List.of(new ConfigKey("square8", 2), SQUARE19)), 48);
    populate(1);
    assertThat(items())
        .hasSize(DEPTH)
        .allSatisfy(
            item -> {
              assertThat(item.getSpec().getJob().getBoardType()).isEqualTo("square8");
              assertThat(item.getSpec().getJob().getMemoryBytes()).isZero();
            });
    assertThat(excluded()).contains("LOW_MEMORY");
    config = configs(config, List.of(SQUARE19));
    claimAll();
    populate(1);
    assertThat(items()).hasSize(DEPTH);
    nodes = List.of(node("n1", "ALIVE", 16), node("n2", "ALIVE", 48));
    populate(1);
    assertThat(items())
        .hasSize(2 * DEPTH)
        .filteredOn(item -> item.getSpec().getJob().getBoardType().equals("square19"))
        .hasSize(DEPTH)
        .allSatisfy(
            item -> assertThat(item.getSpec().getJob().getMemoryBytes()).isEqualTo(48L << 30));
  }

  @Test
  void aDeposedLeaderSubmitsNothing() {
    consensus.follow("n2", 2);
    consensus.lead(3);
    populate(1);
    assertThat(items()).isEmpty();
  }

  @Test
  void whatAnotherEpochOvertookOnItsWayIsRefused() {
    onTheWay = () -> consensus.lead(2);
    assertThatThrownBy(() -> populate(1))
        .isInstanceOfSatisfying(
            Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.STALE_EPOCH));
    assertThat(items()).isEmpty();
  }

  @Test
  void itFollowsTheManifestsItCountsGamesBy() {
    assertThat(selfplay().loops())
        .filteredOn(loop -> loop.name().equals("queue_populator"))
        .singleElement()
        .satisfies(loop -> assertThat(loop.dependsOn()).containsExactly("manifest_collection"));
  }

  @Test
  void aRequestWhoseAnswerWasLostIsNotDoneTwice() {
    losesAnAnswer.set(true);
    assertThatThrownBy(() -> populate(1)).isInstanceOf(Refusal.class);
    claimAll();
    populate(1);
    assertThat(items()).hasSize(DEPTH);
    populate(1);
    assertThat(items()).hasSize(2 * DEPTH);
  }

  @Test
  void withoutTheManifestsNothingIsSubmitted() {
    games = Optional.empty();
    populate(1);
    assertThat(items()).isEmpty();
    games = Optional.of(Map.of());
    populate(1);
    assertThat(items()).hasSize(DEPTH);
  }

  @Test
  void aConfigurationWithItsGamesGetsNoMore() {
    games = Optional.of(Map.of("hex5_2p", 1000L));
    populate(1);
    assertThat(items())
        .extracting(item -> item.getSpec().getJob().getBoardType())
        .containsOnly("hex8");
    assertThat(weight(HEX5).getExcluded()).isEqualTo("TARGET_MET");
  }

  @Test
  void gamesOnTheWayCountTowardsTheTarget() {
    games = Optional.of(Map.of("hex5_2p", 970L, "hex8_2p", 980L));
    populate(1);
    assertThat(items()).hasSize(5);
  }

  @Test
  void whenAllTargetsAreMetItRestsForFiveMinutes() {
    games = Optional.of(Map.of("hex5_2p", 1000L, "hex8_2p", 1000L));
    populate(1);
    games = Optional.of(Map.of());
    now = now.plus(java.time.Duration.ofSeconds(299));
    populate(1);
    assertThat(items()).isEmpty();
    now = now.plus(java.time.Duration.ofSeconds(1));
    populate(1);
    assertThat(items()).hasSize(DEPTH);
  }

  @Test
  void theModelInOfficePlays() {
    model = Optional.of(InputFile.newBuilder().setPath("models/hex5_2p/m.bin").build());
    populate(1);
    assertThat(items())
        .allSatisfy(
            item -> {
              var job = item.getSpec().getJob();
              assertThat(job.getEngineMode()).isEqualTo("nn");
              assertThat(job.getParamsMap()).isEqualTo(Map.of("model", "models/hex5_2p/m.bin"));
            });
  }

  @Test
  void whatIsNotEnabledSubmitsNothingUntilItIs() {
    config = config(false, 1000, 1.5);
    populate(1);
    round("selfplay_events", 1);
    round("selfplay_targets", 1);
    assertThat(pending()).isZero();
    assertThat(selfplay().health().details()).containsEntry("enabled", "false");
    config = config(true, 1000, 1.5);
    populate(1);
    assertThat(pending()).isEqualTo(DEPTH);
  }

  @Test
  void aTargetThatIsRaisedEndsTheRest() {
    games = Optional.of(Map.of("hex5_2p", 1000L, "hex8_2p", 1000L));
    populate(1);
    config = config(true, 1000, 2.5);
    populate(1);
    assertThat(pending()).isZero();
    config = config(true, 5000, 2.5);
    populate(1);
    assertThat(pending()).isEqualTo(DEPTH);
  }
}
