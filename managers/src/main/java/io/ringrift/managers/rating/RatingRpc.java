package io.ringrift.managers.rating;

import io.grpc.stub.StreamObserver;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.ErrorsInARow;
import io.ringrift.managers.Health;
import io.ringrift.managers.LeaderHint;
import io.ringrift.managers.Replies;
import io.ringrift.managers.Services;
import io.ringrift.rating.v1.CompareParticipantsRequest;
import io.ringrift.rating.v1.CompareParticipantsResponse;
import io.ringrift.rating.v1.GetLadderRequest;
import io.ringrift.rating.v1.GetLadderResponse;
import io.ringrift.rating.v1.ListMatchesRequest;
import io.ringrift.rating.v1.ListMatchesResponse;
import io.ringrift.rating.v1.RatingServiceGrpc;
import io.ringrift.rating.v1.RecordMatchesRequest;
import io.ringrift.rating.v1.RecordMatchesResponse;
import io.ringrift.rating.v1.Rung;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.ReadMatchesRequest;
import io.ringrift.state.v1.ReadMatchesResponse;
import io.ringrift.state.v1.RecordMatches;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// RatingService: matches through the ledger, ratings computed at each call from what this node's
/// state holds.
final class RatingRpc extends RatingServiceGrpc.RatingServiceImplBase {
  private static final int DEFAULT_PAGE = 100;
  private static final int MOST_PAGE = 1000;
  private static final long DEADLINE_SECONDS = 10;

  private final Services services;
  private final LeaderHint hint;
  private final ErrorsInARow errors;
  private final Ladders ladders = new Ladders();

  RatingRpc(Services services, LeaderHint hint, Ticker ticker) {
    this.services = services;
    this.hint = hint;
    this.errors = new ErrorsInARow(ticker);
  }

  private StateServiceGrpc.StateServiceBlockingStub state() {
    return StateServiceGrpc.newBlockingStub(services.local())
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void recordMatches(
      RecordMatchesRequest request, StreamObserver<RecordMatchesResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          hint.requireLeader();
          var command =
              Command.newBuilder()
                  .setRequestId(request.getRequestId())
                  .setRecordMatches(
                      RecordMatches.newBuilder().addAllMatches(request.getMatchesList()));
          var result =
              errors.count(
                  () ->
                      state()
                          .applyCommand(
                              ApplyCommandRequest.newBuilder().setCommand(command).build())
                          .getResult());
          return RecordMatchesResponse.newBuilder().setAdded(result.getAdded()).build();
        });
  }

  @Override
  public void listMatches(
      ListMatchesRequest request, StreamObserver<ListMatchesResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          if (request.getPageSize() < 0 || request.getPageSize() > MOST_PAGE) {
            throw Refusal.invalid(
                "page_size", Integer.toString(request.getPageSize()), "0 to " + MOST_PAGE);
          }
          int page = request.getPageSize() == 0 ? DEFAULT_PAGE : request.getPageSize();
          var found =
              read(
                  ReadMatchesRequest.newBuilder()
                      .setConfigKey(request.getConfigKey())
                      .setParticipant(request.getParticipant())
                      .setBeforeSequence(place(request.getPageToken()))
                      .setLimit(page + 1)
                      .setReadConsistency(request.getReadConsistency())
                      .build());
          boolean more = found.getMatchesCount() > page;
          var shown = found.getMatchesList().subList(0, Math.min(page, found.getMatchesCount()));
          return ListMatchesResponse.newBuilder()
              .addAllMatches(shown)
              .setNextPageToken(more ? Long.toString(shown.getLast().getSequence()) : "")
              .setMeta(found.getMeta())
              .build();
        });
  }

  private static long place(String token) {
    try {
      return token.isEmpty() ? 0 : Long.parseLong(token);
    } catch (NumberFormatException e) {
      throw Refusal.invalid("page_token", token, "empty or the last answer's next_page_token");
    }
  }

  @Override
  public void getLadder(GetLadderRequest request, StreamObserver<GetLadderResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var found = rated(request.getConfigKey(), request.getReadConsistency());
          var computed = ladders.of(request.getConfigKey(), found);
          var answer = GetLadderResponse.newBuilder().setMatches(found.getMatchesCount());
          for (var rung : computed.ladder().rungs()) {
            var line = computed.elo().get(rung.name());
            if (line != null) {
              answer.addRungs(rung(rung, line));
            }
          }
          return answer.setMeta(found.getMeta()).build();
        });
  }

  private static Rung rung(Ladder.Rung rung, EloTable.Line line) {
    return Rung.newBuilder()
        .setParticipant(rung.name())
        .setRating(rung.elo())
        .setLow(rung.low())
        .setHigh(rung.high())
        .setGames(rung.games())
        .setElo(line.rating())
        .setPeakElo(line.peak())
        .setWins(line.wins())
        .setLosses(line.losses())
        .setDraws(line.draws())
        .build();
  }

  @Override
  public void compareParticipants(
      CompareParticipantsRequest request, StreamObserver<CompareParticipantsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var found = rated(request.getConfigKey(), request.getReadConsistency());
          var ladder = ladders.of(request.getConfigKey(), found).ladder();
          requireRated(ladder, "participant", request.getParticipant());
          requireRated(ladder, "other", request.getOther());
          var difference = ladder.difference(request.getParticipant(), request.getOther());
          return CompareParticipantsResponse.newBuilder()
              .setDifference(difference.elo())
              .setLow(difference.low())
              .setHigh(difference.high())
              .setMeta(found.getMeta())
              .build();
        });
  }

  private static void requireRated(Ladder ladder, String field, String name) {
    if (!ladder.names().contains(name)) {
      throw Refusal.invalid(
          field, name, "somebody with a rated match of this configuration; see `rating ladder`");
    }
  }

  private ReadMatchesResponse rated(String configKey, ReadConsistency level) {
    if (configKey.isEmpty()) {
      throw Refusal.invalid("config_key", "", "board and players, hex5_2p for example");
    }
    return read(
        ReadMatchesRequest.newBuilder()
            .setConfigKey(configKey)
            .setRatedOnly(true)
            .setReadConsistency(level)
            .build());
  }

  private ReadMatchesResponse read(ReadMatchesRequest request) {
    return errors.count(() -> state().readMatches(request));
  }

  /// Health by what the state answered lately.
  Health health() {
    return errors.health(Map.of());
  }
}
