package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.job.v1.InputFile;
import io.ringrift.kernel.Reason;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.selfplay.v1.GameShare;
import io.ringrift.selfplay.v1.PlayGamesRequest;
import io.ringrift.selfplay.v1.PlayGamesResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Games that somebody orders, over the queue of a real state.
final class GameOrdersTest extends SelfplayBed {
  private PlayGamesResponse play(PlayGamesRequest.Builder request) {
    return stub().playGames(request.build());
  }

  private static PlayGamesRequest.Builder games(int games) {
    return PlayGamesRequest.newBuilder().setConfigKey("hex5_2p").setGames(games);
  }

  private static List<Integer> shares(PlayGamesResponse answer) {
    return answer.getSharesList().stream().map(GameShare::getGames).toList();
  }

  private void threeNodesPlay() {
    nodes =
        List.of(
            node("a", "ALIVE", 16),
            node("b", "ALIVE", 16),
            node("c", "ALIVE", 16),
            node("dead", "DEAD", 16),
            node("small", "ALIVE", 4),
            node("drained", "ALIVE", 16).toBuilder().setDraining(true).build());
  }

  @Test
  void gamesAreSplitOverTheNodesThatPlayAndTheFirstItemsHaveTheRemainder() {
    threeNodesPlay();
    var answer = play(games(11));
    assertThat(shares(answer)).containsExactly(4, 4, 3);
    assertThat(answer.getGames()).isEqualTo(11);
    assertThat(answer.getWorkload()).isEqualTo("hex");
    assertThat(items())
        .extracting(WorkItem::getWorkId)
        .containsExactlyInAnyOrderElementsOf(
            answer.getSharesList().stream().map(GameShare::getWorkId).toList());
    assertThat(items())
        .allSatisfy(
            item -> {
              var job = item.getSpec().getJob();
              assertThat(item.getSpec().getWorkType()).isEqualTo("selfplay");
              assertThat(job.getBoardType()).isEqualTo("hex5");
              assertThat(job.getEngineMode()).isEqualTo("mcts");
              assertThat(item.getSpec().getTargetNodeId()).isEmpty();
            });
    assertThat(items())
        .extracting(item -> item.getSpec().getJob().getSeed())
        .doesNotHaveDuplicates();
  }

  /// The rules of jobs of the bed know ten games at most, and so does an item of the populator.
  @Test
  void noItemHasMoreGamesThanOneOfThePopulator() {
    threeNodesPlay();
    var shares = shares(play(games(100)));
    assertThat(shares).hasSize(12).allMatch(games -> games <= 10);
    assertThat(shares.stream().mapToInt(Integer::intValue).sum()).isEqualTo(100);
    assertThat(shares(play(games(1000)))).hasSize(100).containsOnly(10);
  }

  @Test
  void moreThanAHundredItemsAreRefusedByField() {
    threeNodesPlay();
    assertRefused(games(1001), "games", "1001", "at most 1000, which are 100 items of");
  }

  @Test
  void aNodeThatTakesNoJobsGetsNoShare() {
    var idle = node("b", "ALIVE", 16).toBuilder();
    idle.getFactsBuilder().setMaxJobs(0);
    nodes = List.of(node("a", "ALIVE", 16), idle.build());
    assertThat(shares(play(games(9)))).containsExactly(9);
  }

  @Test
  void fewerGamesThanNodesMakeAsManyItemsAsGames() {
    threeNodesPlay();
    assertThat(shares(play(games(2)))).containsExactly(1, 1);
  }

  @Test
  void ofAModeThatNeedsAGpuOnlyNodesWithOneGetShares() {
    nodes = List.of(node("a", "ALIVE", 16), gpuNode("b"), gpuNode("c"));
    assertThat(shares(play(games(9).setEngineMode("gnn")))).containsExactly(5, 4);
    assertThat(shares(play(games(9).setEngineMode("heuristic")))).containsExactly(3, 3, 3);
  }

  @Test
  void withoutANodeThatPlaysOneItemWaits() {
    nodes = List.of();
    assertThat(shares(play(games(5)))).containsExactly(5);
  }

  @Test
  void aRequestThatIsRepeatedQueuesNothingHoweverManyNodesThereAreByThen() {
    threeNodesPlay();
    var first = play(games(10).setRequestId("r"));
    nodes = List.of();
    config = config(true, 1000, 2.0);
    var again = play(games(10).setRequestId("r"));
    assertThat(first.getDuplicate()).isFalse();
    assertThat(again).isEqualTo(first.toBuilder().setDuplicate(true).build());
    assertThat(items()).hasSize(3);
    assertThatThrownBy(() -> play(games(9).setRequestId("r")))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.REQUEST_ID_REUSED));
  }

  @Test
  void aRequestThatIsRepeatedIsAnsweredThoughItWouldBeRefusedByThen() {
    threeNodesPlay();
    var first = play(games(10).setRequestId("r"));
    config = workload(config, "gone");
    assertThat(play(games(10).setRequestId("r")))
        .isEqualTo(first.toBuilder().setDuplicate(true).build());
    assertThatThrownBy(() -> play(games(10).setRequestId("s")))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.WORKLOAD_NOT_FOUND));
    assertThatThrownBy(() -> play(games(9).setRequestId("r")))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.REQUEST_ID_REUSED));
    assertThat(items()).hasSize(3);
  }

  @Test
  void theModelInOfficePlaysUnlessAnotherModeIsAskedFor() {
    model = Optional.of(InputFile.newBuilder().setPath("models/m.bin").setSha256("00").build());
    assertThat(play(games(1)).getEngineMode()).isEqualTo("nn");
    assertThat(play(games(1).setEngineMode("heuristic")).getEngineMode()).isEqualTo("heuristic");
    assertThat(items())
        .allSatisfy(item -> assertThat(item.getSpec().getJob().getInputsList()).hasSize(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE, 1_000_001, Integer.MAX_VALUE})
  void noGamesAndAbsurdlyManyAreRefused(int games) {
    assertRefused(games(games), "games", Integer.toString(games), "1 to 1000000");
  }

  @Test
  void unknownConfigurationsAndModesAreRefused() {
    assertRefused(games(1).setConfigKey("hex5"), "config_key", "hex5", "hex8_2p");
    assertRefused(games(1).setConfigKey(""), "config_key", "", "hex8_2p");
    assertRefused(games(1).setConfigKey("hex5_5p"), "config_key", "hex5_5p", "2 to 4 players");
    assertRefused(games(1).setConfigKey("chess_2p"), "config_key", "chess_2p", "hex5 to hex8");
    assertRefused(games(1).setEngineMode("unheard-of"), "engine_mode", "unheard-of", "mcts or nn");
  }

  private void assertRefused(
      PlayGamesRequest.Builder request, String field, String value, String rule) {
    assertThatThrownBy(() -> play(request))
        .hasMessageContaining(field)
        .hasMessageContaining(value)
        .hasMessageContaining(rule)
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.INVALID_ARGUMENT));
    assertThat(items()).isEmpty();
  }

  /// Also while the office passes on: whoever asks again finds the next leader.
  @Test
  void whileNobodyLeadsWhoeverAsksIsToldToTryAgain() {
    consensus.stepDown("another is to lead");
    assertThatThrownBy(() -> play(games(1)))
        .hasMessageContaining("nobody is known to lead just now; try again shortly")
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.NOT_LEADER));
  }

  @Test
  void onlyTheLeaderTakesOrders() {
    consensus.follow("n2", 2);
    assertThatThrownBy(() -> play(games(1)))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.NOT_LEADER));
  }
}
