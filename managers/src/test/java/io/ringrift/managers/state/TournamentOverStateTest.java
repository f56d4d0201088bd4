package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.event.v1.Event;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.kernel.Reason;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.rating.v1.GetLadderRequest;
import io.ringrift.rating.v1.GetTournamentRequest;
import io.ringrift.rating.v1.ListMatchesRequest;
import io.ringrift.rating.v1.ListTournamentsRequest;
import io.ringrift.rating.v1.Meeting;
import io.ringrift.rating.v1.MeetingState;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.Rung;
import io.ringrift.rating.v1.Standing;
import io.ringrift.rating.v1.StartTournamentRequest;
import io.ringrift.rating.v1.StartTournamentResponse;
import io.ringrift.rating.v1.Tournament;
import io.ringrift.rating.v1.TournamentServiceGrpc;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Round robins over the queue and the ladder of a real state.
class TournamentOverStateTest extends LearningBed {
  private TournamentServiceGrpc.TournamentServiceBlockingStub stub() {
    return TournamentServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private static StartTournamentRequest.Builder request(String... participants) {
    return StartTournamentRequest.newBuilder()
        .setRequestId("r")
        .setConfigKey(CONFIG)
        .addAllParticipants(List.of(participants));
  }

  private StartTournamentResponse start(String... participants) {
    return stub().startTournament(request(participants).build());
  }

  private Tournament get(String id) {
    return stub()
        .getTournament(GetTournamentRequest.newBuilder().setTournamentId(id).build())
        .getTournament();
  }

  private int ladderMatches() {
    return RatingServiceGrpc.newBlockingStub(channel)
        .getLadder(GetLadderRequest.newBuilder().setConfigKey(CONFIG).build())
        .getMatches();
  }

  private List<Event> told() {
    return EventServiceGrpc.newBlockingStub(channel)
        .listEvents(ListEventsRequest.newBuilder().setPageSize(1000).build())
        .getEventsList()
        .stream()
        .filter(event -> event.getKind().equals("TOURNAMENT_COMPLETED"))
        .toList();
  }

  @Test
  void threeModelsMakeSixMatchesInBothSeats() throws InterruptedException {
    train(1);
    String id = start(id(1), "untrained", "random").getTournament().getTournamentId();
    var items = claimAll("tournament");
    assertThat(items).hasSize(3);
    round("tournaments");
    assertThat(get(id).getComplete()).isFalse();
    assertThat(told()).isEmpty();
    for (WorkItem item : items) {
      assertThat(item.getSpec().getJob().getNumGames()).isEqualTo(2);
      complete(item, "{\"outcomes\":\"aa\"}");
    }
    round("tournaments");
    round("tournaments");
    assertThat(ladderMatches()).isEqualTo(6);
    assertThat(seats(id(1), "random")).containsExactlyInAnyOrder(id(1), "random");
    var tournament = get(id);
    assertThat(tournament.getComplete()).isTrue();
    assertThat(tournament.getStandingsList())
        .extracting(Standing::getParticipant, Standing::getPoints, Standing::getGames)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(id(1), 4.0, 4),
            org.assertj.core.groups.Tuple.tuple("untrained", 2.0, 4),
            org.assertj.core.groups.Tuple.tuple("random", 0.0, 4));
    assertThat(told()).hasSize(1);
    assertThat(told().getFirst().getAttributesMap())
        .containsEntry("first", id(1))
        .containsEntry("config_key", CONFIG);
  }

  /// Who moved first in the games of two.
  private List<String> seats(String one, String other) {
    return RatingServiceGrpc.newBlockingStub(channel)
        .listMatches(ListMatchesRequest.newBuilder().setParticipant(one).build())
        .getMatchesList()
        .stream()
        .filter(match -> match.getParticipantsList().contains(other))
        .map(match -> match.getParticipants(0))
        .toList();
  }

  @Test
  void anItemHasTheFilesOfModelsAndTheNamesOfOthers() throws InterruptedException {
    train(1);
    start(id(1), "heuristic");
    var job = claimAll("tournament").getFirst().getSpec().getJob();
    assertThat(job.getParamsMap())
        .containsEntry("a", "models/hex5_2p/m1.bin")
        .containsEntry("b", "heuristic");
    assertThat(job.getInputsList()).hasSize(1);
    assertThat(Integer.parseInt(job.getParamsOrThrow("skip_openings"))).isBetween(0, 4999);
  }

  @Test
  void aRequestThatIsRepeatedBeginsNothingAndIsTheSameTournament() {
    var first = start("random", "mcts");
    var again = start("random", "mcts");
    assertThat(first.getDuplicate()).isFalse();
    assertThat(again.getDuplicate()).isTrue();
    assertThat(again.getTournament()).isEqualTo(first.getTournament());
    assertThat(claimAll("tournament")).hasSize(1);
    assertThat(
            stub()
                .listTournaments(ListTournamentsRequest.getDefaultInstance())
                .getTournamentsList())
        .extracting(Tournament::getTournamentId)
        .containsExactly(first.getTournament().getTournamentId());
    assertThatThrownBy(() -> start("random", "heuristic"))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.REQUEST_ID_REUSED));
  }

  @Test
  void aMeetingThatFailsIsToldAndTheOthersCount() throws InterruptedException {
    String id = start("random", "mcts", "heuristic").getTournament().getTournamentId();
    for (int attempt = 0; attempt < 3; attempt++) {
      for (WorkItem item : claimAll("tournament")) {
        if (item.getWorkId().endsWith("-1")) {
          var failed = FailWorkRequest.newBuilder().setClaim(claim(item)).setError("killed");
          var _ = queue().failWork(failed.build());
        } else {
          complete(item, "{\"outcomes\":\"de\"}");
        }
      }
    }
    round("tournaments");
    assertThat(ladderMatches()).isEqualTo(2);
    var tournament = get(id);
    assertThat(tournament.getMeetingsList())
        .extracting(Meeting::getState)
        .containsExactly(
            MeetingState.MEETING_STATE_FAILED,
            MeetingState.MEETING_STATE_PLAYED,
            MeetingState.MEETING_STATE_PLAYED);
    assertThat(tournament.getMeetings(0).getError()).contains("killed");
    assertThat(tournament.getMeetings(1).getDrawn()).isEqualTo(1);
    assertThat(tournament.getMeetings(1).getBroken()).isEqualTo(1);
    assertThat(told().getFirst().getAttributesMap()).containsEntry("failed_meetings", "1");
  }

  @Test
  void gamesThatWereNotToldInFullAreNone() throws InterruptedException {
    String id = start("random", "mcts").getTournament().getTournamentId();
    complete(claimAll("tournament").getFirst(), "{\"outcomes\":\"aaa\"}");
    round("tournaments");
    assertThat(ladderMatches()).isZero();
    assertThat(get(id).getMeetings(0).getError()).contains("outcomes of 2 games");
  }

  @Test
  void aLeaderThatFollowsBringsNothingInTwice() throws InterruptedException {
    start("random", "mcts");
    complete(claimAll("tournament").getFirst(), "{\"outcomes\":\"ab\"}");
    round("tournaments");
    round(another(), "tournaments", 1);
    assertThat(ladderMatches()).isEqualTo(2);
    assertThat(told()).hasSize(1);
  }

  private Reason refused(StartTournamentRequest.Builder request) {
    try {
      var _ = stub().startTournament(request.build());
    } catch (io.grpc.StatusRuntimeException e) {
      return reasonOf(e);
    }
    throw new AssertionError("it began");
  }

  @Test
  void badInputIsRefusedAndQueuesNothing() {
    assertThat(refused(request("random"))).isEqualTo(Reason.INVALID_ARGUMENT);
    assertThat(refused(request("random", "random"))).isEqualTo(Reason.INVALID_ARGUMENT);
    assertThat(refused(request("random", "nobody"))).isEqualTo(Reason.MODEL_NOT_FOUND);
    assertThat(refused(request("random", "mcts").setPairs(-1))).isEqualTo(Reason.INVALID_ARGUMENT);
    assertThat(refused(request("random", "mcts").setPairs(201))).isEqualTo(Reason.INVALID_ARGUMENT);
    assertThat(refused(request("random", "mcts").setConfigKey("hex5_3p")))
        .isEqualTo(Reason.INVALID_ARGUMENT);
    String[] many = IntStream.range(0, 15).mapToObj(i -> "p" + i).toArray(String[]::new);
    assertThat(refused(request(many))).isEqualTo(Reason.INVALID_ARGUMENT);
    assertThat(claimAll("tournament")).isEmpty();
    assertThatThrownBy(() -> get("tour-unknown"))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.WORK_NOT_FOUND));
  }

  @Test
  void theLadderNamesWhoPlayed() throws InterruptedException {
    start("random", "mcts");
    complete(claimAll("tournament").getFirst(), "{\"outcomes\":\"bb\"}");
    round("tournaments");
    var ladder =
        RatingServiceGrpc.newBlockingStub(channel)
            .getLadder(GetLadderRequest.newBuilder().setConfigKey(CONFIG).build());
    assertThat(ladder.getRungsList())
        .extracting(Rung::getParticipant)
        .containsExactly("mcts", "random");
    assertThat(ladder.getRungs(0).getWins()).isEqualTo(2);
  }
}
