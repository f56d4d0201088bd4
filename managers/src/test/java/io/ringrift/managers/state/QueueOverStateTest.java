package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.event.v1.EventServiceGrpc;
import io.ringrift.event.v1.ListEventsRequest;
import io.ringrift.event.v1.WatchEventsRequest;
import io.ringrift.event.v1.WatchEventsResponse;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.queue.v1.CancelWorkRequest;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.ExplainWorkRequest;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.GetQueueStatsRequest;
import io.ringrift.queue.v1.GetWorkRequest;
import io.ringrift.queue.v1.ListWorkRequest;
import io.ringrift.queue.v1.StartWorkRequest;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.state.v1.ReadWorkRequest;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// The queue as its clients and workers meet it.
class QueueOverStateTest extends QueueBed {
  @Test
  void anItemGoesFromSubmitToCompletion() {
    WorkItem submitted = submit(Ledgers.selfplay());
    WorkItem held = queue().claimWork(claim("w").build()).getItems(0);
    assertThat(held.getWorkId()).isEqualTo(submitted.getWorkId()).hasSize(32);
    var ref =
        ClaimRef.newBuilder()
            .setWorkId(held.getWorkId())
            .setClaimToken(held.getClaimToken())
            .setWorkerId("w");
    queue().completeWork(CompleteWorkRequest.newBuilder().setClaim(ref).setResult("42").build());
    String prefix = held.getWorkId().substring(0, 8);
    assertThat(
            queue()
                .getWork(GetWorkRequest.newBuilder().setWorkId(prefix).build())
                .getItem()
                .getResult())
        .isEqualTo("42");
    assertThat(queue().getQueueStats(GetQueueStatsRequest.getDefaultInstance()).getCompleted())
        .isEqualTo(1);
  }

  @Test
  void aRepeatedSubmitReturnsTheFirstItems() {
    var request = one(Ledgers.selfplay()).setRequestId("r").build();
    var first = queue().submitWork(request);
    var repeat = queue().submitWork(request);
    assertThat(repeat.getDuplicate()).isTrue();
    assertThat(repeat.getItemsList()).isEqualTo(first.getItemsList());
  }

  @Test
  void aRequestThatChangedNothingIsRememberedToo() {
    String first = submit(Ledgers.selfplay()).getWorkId();
    String second = submit(Ledgers.selfplay()).getWorkId();
    var cancel = CancelWorkRequest.newBuilder().setWorkId(first);
    var _ = queue().cancelWork(cancel.build());
    var done = queue().cancelWork(cancel.setRequestId("r").build()).getItem();
    assertThat(queue().cancelWork(cancel.build()).getItem()).isEqualTo(done);
    assertThatThrownBy(() -> queue().cancelWork(cancel.setWorkId(second).build()))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.REQUEST_ID_REUSED));
  }

  @Test
  void aClaimWaitsUntilWorkComes() {
    var waiting =
        CompletableFuture.supplyAsync(
            () ->
                queue().claimWork(claim("w").setWait(Duration.newBuilder().setSeconds(15)).build()),
            threads);
    submit(Ledgers.selfplay());
    assertThat(waiting)
        .succeedsWithin(java.time.Duration.ofSeconds(10))
        .satisfies(answer -> assertThat(answer.getItemsCount()).isEqualTo(1));
  }

  @Test
  void eachOfManyWaitingClaimsGetsAnItemOfItsOwn() {
    var waiting =
        java.util.stream.IntStream.range(0, 20)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () ->
                            queue()
                                .claimWork(
                                    claim("w" + i)
                                        .setWait(Duration.newBuilder().setSeconds(15))
                                        .build()),
                        threads))
            .toList();
    for (int i = 0; i < 20; i++) {
      submit(Ledgers.selfplay());
    }
    var ids = new HashSet<String>();
    waiting.forEach(answer -> ids.add(answer.join().getItems(0).getWorkId()));
    assertThat(ids).hasSize(20);
  }

  @Test
  void aWaitThatEndsWithoutWorkAnswersWithNone() {
    var request = claim("w").setWait(Duration.newBuilder().setNanos(50_000_000)).build();
    assertThat(queue().claimWork(request).getItemsCount()).isZero();
  }

  @Test
  void badInputNamesTheFieldAndChangesNothing() {
    assertThatThrownBy(() -> submit(Ledgers.selfplay().setPriority(101)))
        .hasMessageContaining("items[0].priority")
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.INVALID_ARGUMENT));
    assertThatThrownBy(() -> submit(Ledgers.selfplay().setWorkType("Self Play")))
        .hasMessageContaining("items[0].work_type");
    assertThatThrownBy(() -> submit(Ledgers.selfplay().addDependsOn("ghost")))
        .hasMessageContaining("items[0].depends_on");
    assertThatThrownBy(() -> queue().claimWork(claim("").build()))
        .hasMessageContaining("worker_id");
    assertThatThrownBy(() -> queue().getWork(GetWorkRequest.getDefaultInstance()))
        .hasMessageContaining("work_id");
    assertThatThrownBy(() -> queue().cancelWork(CancelWorkRequest.getDefaultInstance()))
        .hasMessageContaining("work_id");
    assertThat(queue().getQueueStats(GetQueueStatsRequest.getDefaultInstance()).getPending())
        .isZero();
  }

  @Test
  void anItemThatNoNodeCouldBeginNeverReachesTheLog() {
    long before = events();
    assertThatThrownBy(() -> submitJobs("hex", 1, "ghost", 1))
        .hasMessageContaining("items[2].job.workload is \"ghost\"")
        .hasMessageContaining("hex")
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.INVALID_ARGUMENT));
    assertThatThrownBy(() -> submitJobs("hex", 11, "hex", 1))
        .hasMessageContaining("items[0].job.num_games is \"11\" but must be 1 to 10");
    assertThat(events()).isEqualTo(before);
    submitJobs("hex", 10, "hex", 1);
    assertThat(events()).isEqualTo(before + 3);
  }

  /// An item of one workload, one that is no process, and an item of another workload.
  private void submitJobs(String workload, int games, String other, int otherGames) {
    var _ =
        queue()
            .submitWork(
                SubmitWorkRequest.newBuilder()
                    .addItems(
                        Ledgers.selfplay()
                            .setJob(JobSpec.newBuilder().setWorkload(workload).setNumGames(games)))
                    .addItems(Ledgers.selfplay().setPayload("for a client"))
                    .addItems(
                        Ledgers.selfplay()
                            .setJob(
                                JobSpec.newBuilder().setWorkload(other).setNumGames(otherGames)))
                    .build());
  }

  private long events() {
    return EventServiceGrpc.newBlockingStub(channel)
        .listEvents(ListEventsRequest.getDefaultInstance())
        .getEventsCount();
  }

  @Test
  void aFollowerRefusesWritesWithItsLeadersAddress() {
    consensus.follow("n2", 2);
    assertThatThrownBy(() -> submit(Ledgers.selfplay()))
        .satisfies(
            e -> {
              var refusal = Errors.fromStatus((StatusRuntimeException) e);
              assertThat(refusal.reason()).isEqualTo(Reason.NOT_LEADER);
              assertThat(refusal.details())
                  .containsEntry("leader_id", "n2")
                  .containsEntry("leader_address", "127.0.0.1:8772");
            });
  }

  @Test
  void aFollowerTakesNoClaimNorReportNorCancel() {
    submit(Ledgers.selfplay());
    WorkItem held = queue().claimWork(claim("w").build()).getItems(0);
    var ref = Ledgers.ref(held).build();
    consensus.follow("n2", 2);
    List<ThrowingCallable> writes =
        List.of(
            () -> queue().claimWork(claim("w").build()),
            () -> queue().startWork(StartWorkRequest.newBuilder().setClaim(ref).build()),
            () -> queue().completeWork(CompleteWorkRequest.newBuilder().setClaim(ref).build()),
            () -> queue().failWork(FailWorkRequest.newBuilder().setClaim(ref).build()),
            () -> cancel(held));
    for (ThrowingCallable write : writes) {
      assertThatThrownBy(write)
          .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.NOT_LEADER));
    }
  }

  @Test
  void aFollowerAnswersReadsThatDoNotAskForTheLeader() {
    WorkItem item = submit(Ledgers.selfplay());
    consensus.follow("n2", 2);
    var list = queue().listWork(ListWorkRequest.getDefaultInstance());
    assertThat(list.getItemsCount()).isEqualTo(1);
    assertThat(list.getMeta().getLeaderId()).isEqualTo("n2");
    assertThat(list.getMeta().getAppliedIndex()).isPositive();
    var get = GetWorkRequest.newBuilder().setWorkId(item.getWorkId());
    assertThat(queue().getWork(get.build()).getItem()).isEqualTo(item);
    assertThatThrownBy(
            () ->
                queue()
                    .getWork(
                        get.setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER).build()))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.NOT_LEADER));
    var strict =
        ReadWorkRequest.newBuilder()
            .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)
            .build();
    assertThatThrownBy(() -> StateServiceGrpc.newBlockingStub(channel).readWork(strict))
        .satisfies(e -> assertThat(reasonOf(e)).isEqualTo(Reason.NOT_LEADER));
  }

  @Test
  void claimsThatMaintenanceEndsAreCounted() {
    submit(Ledgers.selfplay().setClaimLease(Duration.newBuilder().setNanos(1_000_000)));
    queue().claimWork(claim("w").build());
    var loop = work.loops().getFirst();
    Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(20))
        .until(
            () -> {
              loop.round().run(Optional.of(new Epoch(1)));
              return loop.counters().read().getOrDefault("timeouts_processed", 0L) == 1;
            });
    assertThat(queue().getQueueStats(GetQueueStatsRequest.getDefaultInstance()).getPending())
        .isEqualTo(1);
  }

  @Test
  void pagesShowEveryItemOnceNewestFirst() {
    for (int i = 0; i < 5; i++) {
      submit(Ledgers.selfplay().setPayload("p" + i));
    }
    var seen = new java.util.ArrayList<String>();
    String token = "";
    do {
      var page =
          queue().listWork(ListWorkRequest.newBuilder().setPageSize(2).setPageToken(token).build());
      page.getItemsList().forEach(item -> seen.add(item.getSpec().getPayload()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(seen).containsExactly("p4", "p3", "p2", "p1", "p0");
  }

  @Test
  void explainTellsPositionAndDependencies() {
    WorkItem first = submit(Ledgers.selfplay().setPriority(90));
    WorkItem second = submit(Ledgers.selfplay().addDependsOn(first.getWorkId()));
    var why =
        queue().explainWork(ExplainWorkRequest.newBuilder().setWorkId(second.getWorkId()).build());
    assertThat(why.getQueuePosition()).isEqualTo(2);
    assertThat(why.getWaitsForList()).containsExactly(first.getWorkId());
    assertThat(why.getUnblock()).contains(first.getWorkId());
  }

  @Test
  void eventsOfTheQueueAreListedInOrder() {
    submit(Ledgers.selfplay());
    queue().claimWork(claim("w").build());
    var events =
        EventServiceGrpc.newBlockingStub(channel)
            .listEvents(ListEventsRequest.getDefaultInstance());
    assertThat(events.getEventsList())
        .extracting(event -> event.getKind())
        .containsExactly("EPOCH_ADVANCED", "LEADER_ELECTED", "WORK_QUEUED", "WORK_CLAIMED");
  }

  @Test
  void aReaderOfEventsThatTakesNoneIsDropped() {
    var failure = new CompletableFuture<Throwable>();
    EventServiceGrpc.newStub(channel)
        .watchEvents(WatchEventsRequest.getDefaultInstance(), new SilentReader(failure));
    var batch = SubmitWorkRequest.newBuilder().setForce(true);
    for (int i = 0; i < 100; i++) {
      batch.addItems(Ledgers.selfplay());
    }
    Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(20))
        .until(
            () -> {
              queue().submitWork(batch.build()).getItemsList().forEach(this::cancel);
              return failure.isDone();
            });
    assertThat(reasonOf(failure.join())).isEqualTo(Reason.OVERLOADED);
  }

  private void cancel(WorkItem item) {
    queue().cancelWork(CancelWorkRequest.newBuilder().setWorkId(item.getWorkId()).build());
  }

  /// Opens the stream and never asks for a message.
  private record SilentReader(CompletableFuture<Throwable> failure)
      implements ClientResponseObserver<WatchEventsRequest, WatchEventsResponse> {
    @Override
    public void beforeStart(ClientCallStreamObserver<WatchEventsRequest> stream) {
      stream.disableAutoRequestWithInitial(0);
    }

    @Override
    public void onNext(WatchEventsResponse event) {}

    @Override
    public void onError(Throwable cause) {
      failure.complete(cause);
    }

    @Override
    public void onCompleted() {}
  }
}
