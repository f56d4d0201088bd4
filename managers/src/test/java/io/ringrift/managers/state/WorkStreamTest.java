package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.QueueServiceGrpc;
import io.ringrift.queue.v1.StartWorkRequest;
import io.ringrift.queue.v1.WorkAnswer;
import io.ringrift.queue.v1.WorkCall;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkStreamRequest;
import io.ringrift.queue.v1.WorkStreamResponse;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Many calls over one stream.
class WorkStreamTest extends QueueBed {
  private final BlockingQueue<WorkStreamResponse> responses = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  private StreamObserver<WorkStreamRequest> open() {
    return QueueServiceGrpc.newStub(channel)
        .workStream(
            new StreamObserver<>() {
              @Override
              public void onNext(WorkStreamResponse response) {
                responses.add(response);
              }

              @Override
              public void onError(Throwable failure) {
                end.completeExceptionally(failure);
              }

              @Override
              public void onCompleted() {
                end.complete(null);
              }
            });
  }

  private static WorkStreamRequest message(WorkCall.Builder... calls) {
    var message = WorkStreamRequest.newBuilder();
    for (WorkCall.Builder call : calls) {
      message.addCalls(call);
    }
    return message.build();
  }

  private static WorkCall.Builder call(long id) {
    return WorkCall.newBuilder().setCallId(id);
  }

  private WorkStreamResponse response() throws InterruptedException {
    var response = responses.poll(20, TimeUnit.SECONDS);
    assertThat(response).isNotNull();
    return response;
  }

  private static ClaimRef.Builder ref(WorkItem held) {
    return ClaimRef.newBuilder()
        .setWorkId(held.getWorkId())
        .setClaimToken(held.getClaimToken())
        .setWorkerId("w");
  }

  private static CompleteWorkRequest complete(ClaimRef.Builder claim) {
    return CompleteWorkRequest.newBuilder().setClaim(claim).setResult("42").build();
  }

  @Test
  void callsOfOneMessageTakeEffectInTheirOrderAndEachIsAnsweredForItself() throws Exception {
    var stream = open();
    stream.onNext(
        message(
            call(1).setSubmit(one(Ledgers.selfplay())),
            call(2).setClaim(claim("w")),
            call(3).setClaim(claim("w").setWorkerId("")),
            call(4)));
    var answers = response();
    assertThat(answers.getMessagesDone()).isEqualTo(1);
    assertThat(answers.getAnswersList()).extracting(WorkAnswer::getCallId).contains(1L, 2L, 3L, 4L);
    WorkItem held = of(answers, 2).getClaim().getItems(0);
    assertThat(held.getWorkId()).isEqualTo(of(answers, 1).getSubmit().getItems(0).getWorkId());
    assertThat(of(answers, 3).getRefused().getReason()).isEqualTo("INVALID_ARGUMENT");
    assertThat(of(answers, 4).getRefused().getReason()).isEqualTo("INVALID_ARGUMENT");

    stream.onNext(
        message(
            call(5).setStart(StartWorkRequest.newBuilder().setClaim(ref(held).setClaimToken(7))),
            call(6).setComplete(complete(ref(held)))));
    var reports = response();
    assertThat(reports.getMessagesDone()).isEqualTo(2);
    assertThat(of(reports, 5).getRefused().getReason()).isEqualTo("STALE_CLAIM");
    assertThat(of(reports, 6).getComplete().getItem().getResult()).isEqualTo("42");
    stream.onCompleted();
    end.get(20, TimeUnit.SECONDS);
  }

  private static WorkAnswer of(WorkStreamResponse response, long id) {
    return response.getAnswersList().stream()
        .filter(answer -> answer.getCallId() == id)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aClaimThatWaitsLetsLaterCallsPassAndTheStreamEndsBehindIt() throws Exception {
    var stream = open();
    var patient = claim("w").setWait(Duration.newBuilder().setSeconds(20));
    stream.onNext(message(call(1).setClaim(patient)));
    assertThat(response().getAnswersList()).isEmpty();
    stream.onNext(message(call(2).setSubmit(one(Ledgers.selfplay()))));
    stream.onCompleted();
    WorkStreamResponse first = response();
    WorkStreamResponse second = response();
    assertThat(List.of(first.getAnswers(0).getCallId(), second.getAnswers(0).getCallId()))
        .containsExactlyInAnyOrder(1L, 2L);
    var answers = first.toBuilder().mergeFrom(second).build();
    assertThat(of(answers, 1).getClaim().getItemsList())
        .extracting(WorkItem::getWorkId)
        .containsExactly(of(answers, 2).getSubmit().getItems(0).getWorkId());
    end.get(20, TimeUnit.SECONDS);
  }

  @Test
  void aClientThatLeftGetsNothing() throws Exception {
    var stream = open();
    var patient = claim("gone").setWait(Duration.newBuilder().setSeconds(20));
    stream.onNext(message(call(1).setClaim(patient)));
    var _ = response();
    Awaitility.await().until(() -> waitingClaims() == 1);
    stream.onError(new IllegalStateException("the client breaks off"));
    Awaitility.await().until(() -> waitingClaims() == 0);
    submit(Ledgers.selfplay());
    assertThat(queue().claimWork(claim("w").build()).getItemsList())
        .extracting(WorkItem::getClaimedBy)
        .containsExactly("w");
  }

  private int waitingClaims() {
    return Integer.parseInt(work.health().details().get("waiting_claims"));
  }

  @Test
  void aMessageWithoutCallsEndsTheStream() {
    open().onNext(WorkStreamRequest.getDefaultInstance());
    Awaitility.await().until(end::isCompletedExceptionally);
    assertThat(reasonOf(end.exceptionNow())).isEqualTo(Reason.INVALID_ARGUMENT);
  }

  @Test
  void aNodeThatDoesNotLeadRefusesEachCallAndNamesTheLeader() throws Exception {
    consensus.follow("n2", 2);
    open().onNext(message(call(1).setClaim(claim("w"))));
    var refused = of(response(), 1).getRefused();
    assertThat(refused.getReason()).isEqualTo("NOT_LEADER");
    assertThat(refused.getDetailsMap()).containsEntry("leader_id", "n2");
  }
}
