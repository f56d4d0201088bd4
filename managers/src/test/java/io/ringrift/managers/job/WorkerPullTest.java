package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.ClaimWorkResponse;
import io.ringrift.queue.v1.FailWorkRequest;
import io.ringrift.queue.v1.FailWorkResponse;
import io.ringrift.queue.v1.QueueServiceGrpc.QueueServiceImplBase;
import io.ringrift.queue.v1.ReleaseWorkRequest;
import io.ringrift.queue.v1.ReleaseWorkResponse;
import io.ringrift.queue.v1.StartWorkRequest;
import io.ringrift.queue.v1.StartWorkResponse;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A worker with real processes before a queue that answers as each test says.
final class WorkerPullTest {
  private static final class Queue extends QueueServiceImplBase {
    final List<ClaimWorkRequest> claims = new CopyOnWriteArrayList<>();
    final List<String> starts = new CopyOnWriteArrayList<>();
    final List<String> releases = new CopyOnWriteArrayList<>();
    final List<ReleaseWorkRequest> released = new CopyOnWriteArrayList<>();
    final List<FailWorkRequest> failures = new CopyOnWriteArrayList<>();
    volatile Optional<Refusal> onClaim = Optional.empty();
    volatile Optional<Refusal> onStart = Optional.empty();
    volatile Optional<Refusal> onRelease = Optional.empty();
    volatile List<WorkItem> items = List.of();

    /// Happens while a claim is answered.
    volatile Runnable onClaimed = () -> {};

    @Override
    public void claimWork(ClaimWorkRequest request, StreamObserver<ClaimWorkResponse> observer) {
      claims.add(request);
      refuse(onClaim);
      onClaimed.run();
      observer.onNext(ClaimWorkResponse.newBuilder().addAllItems(items).build());
      observer.onCompleted();
    }

    @Override
    public void startWork(StartWorkRequest request, StreamObserver<StartWorkResponse> observer) {
      starts.add(request.getClaim().getWorkId());
      refuse(onStart);
      observer.onNext(StartWorkResponse.getDefaultInstance());
      observer.onCompleted();
    }

    @Override
    public void releaseWork(
        ReleaseWorkRequest request, StreamObserver<ReleaseWorkResponse> observer) {
      releases.add(request.getClaim().getWorkId());
      released.add(request);
      refuse(onRelease);
      observer.onNext(ReleaseWorkResponse.getDefaultInstance());
      observer.onCompleted();
    }

    @Override
    public void failWork(FailWorkRequest request, StreamObserver<FailWorkResponse> observer) {
      failures.add(request);
      observer.onNext(FailWorkResponse.getDefaultInstance());
      observer.onCompleted();
    }

    private static void refuse(Optional<Refusal> refusal) {
      if (refusal.isPresent()) {
        throw refusal.get();
      }
    }
  }

  @TempDir Path folder;
  private Bench bench;
  private final Queue queue = new Queue();

  @BeforeEach
  void open() {
    bench = new Bench(folder, GpuInventory.none(), 4);
    List<BindableService> own = new ArrayList<>(bench.supervisor.services());
    own.add(new FakeState());
    bench.cell.serve(Bench.SELF, own);
    bench.cell.serve(Bench.LEADER, List.of(queue));
    bench.cell.lead(Bench.LEADER);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private void round() throws InterruptedException {
    bench.supervisor.loops().stream()
        .filter(loop -> loop.name().equals("worker_pull"))
        .findFirst()
        .orElseThrow()
        .round()
        .run(Optional.empty());
  }

  private static WorkItem item(String id, String workload) {
    return item(id, JobSpec.newBuilder().setWorkload(workload));
  }

  private static WorkItem item(String id, JobSpec.Builder job) {
    return WorkItem.newBuilder()
        .setWorkId(id)
        .setAttempts(1)
        .setClaimToken(5)
        .setClaimEpoch(7)
        .setSpec(WorkSpec.newBuilder().setJob(job))
        .build();
  }

  private List<String> runs() {
    return bench.supervisor.table().all().stream().map(run -> run.key().jobId()).toList();
  }

  @Test
  void claimWithoutAnAnswerIsSentAgainAsItWasThoughSlotsAreTakenMeanwhile() throws Exception {
    queue.onClaim = Optional.of(new Refusal(Reason.OUTCOME_UNKNOWN, "the leader died"));
    assertThatThrownBy(this::round).hasMessageContaining("the leader died");
    bench.start(Bench.order("between", 1, 1, "sleeper"));
    queue.onClaim = Optional.empty();
    queue.items = List.of(item("a", "echo"));
    round();
    assertThat(queue.claims.getLast()).isEqualTo(queue.claims.getFirst());
    assertThat(runs()).contains("a");
    round();
    assertThat(queue.claims.getLast().getRequestId())
        .isNotEqualTo(queue.claims.getFirst().getRequestId());
  }

  @Test
  void confirmedClaimOfAnEarlierEpochBegins() throws Exception {
    bench.gate.learn(new Epoch(9));
    queue.items = List.of(item("a", "echo"));
    round();
    assertThat(runs()).containsExactly("a");
  }

  @Test
  void claimWhoseIdWasUsedOtherwiseIsGivenUp() {
    queue.onClaim = Optional.of(new Refusal(Reason.REQUEST_ID_REUSED, "another body"));
    assertThatThrownBy(this::round).hasMessageContaining("another body");
    assertThatThrownBy(this::round).hasMessageContaining("another body");
    assertThat(queue.claims.getLast().getRequestId())
        .isNotEqualTo(queue.claims.getFirst().getRequestId());
  }

  @Test
  void itemThatCanNeitherBeginNorGoBackDoesNotHoldUpTheNext() throws Exception {
    queue.items = List.of(item("a", "nonesuch"), item("b", "echo"));
    queue.onRelease = Optional.of(new Refusal(Reason.UNREACHABLE, "nobody there"));
    round();
    assertThat(queue.releases).containsExactly("a");
    assertThat(runs()).containsExactly("b");
  }

  @Test
  void itemThatIsItselfWrongIsReportedAsAFailedAttempt() throws Exception {
    var spec = JobSpec.newBuilder().setWorkload("echo").putParams("nonesuch", "1");
    queue.items = List.of(item("a", spec));
    round();
    assertThat(queue.releases).isEmpty();
    assertThat(queue.failures).hasSize(1);
    assertThat(queue.failures.getFirst().getPermanent()).isFalse();
    assertThat(queue.failures.getFirst().getError()).contains("params.nonesuch", "n2");
  }

  @Test
  void itemThatThisNodeCannotBeginGoesBackWithTheWordThatItIsUnfit() throws Exception {
    queue.items =
        List.of(item("a", "nonesuch"), item("b", JobSpec.newBuilder().addExecArgv("/bin/true")));
    round();
    assertThat(queue.failures).isEmpty();
    assertThat(queue.released).allMatch(ReleaseWorkRequest::getUnfit);
    assertThat(queue.released)
        .extracting(ReleaseWorkRequest::getCause)
        .satisfiesExactly(
            first -> assertThat(first).startsWith("WORKLOAD_NOT_FOUND"),
            second -> assertThat(second).startsWith("EXEC_NOT_ALLOWED"));
  }

  @Test
  void asManyItemsAreAskedForAsSlotsAreFree() throws Exception {
    bench.start(Bench.order("busy", 1, 1, "sleeper"));
    round();
    assertThat(queue.claims.getFirst().getMaxItems()).isEqualTo(3);
  }

  @Test
  void itemForWhichThereIsNoRoomNowGoesBackToBeOfferedAgain() throws Exception {
    for (int i = 0; i < 4; i++) {
      queue.items = List.of(item("x" + i, "sleeper"));
      round();
    }
    bench.supervisor.table().live().getFirst().stop("cancelled");
    await().until(() -> bench.supervisor.freeSlots() == 1);
    queue.items = List.of(item("a", "sleeper"), item("b", "sleeper"));
    round();
    assertThat(queue.released).hasSize(1);
    assertThat(queue.released.getFirst().getUnfit()).isFalse();
  }

  @Test
  void nothingIsClaimedWhileTheMachineHasNoRoom() throws Exception {
    for (var full :
        List.of(
            new ProcessConfig.Guards(1000, 0, 101, 1e9),
            new ProcessConfig.Guards(1000, 101, 0, 1e9),
            new ProcessConfig.Guards(1000, 101, 101, 0),
            new ProcessConfig.Guards(0, 101, 101, 1e9))) {
      bench.guard(full);
      round();
    }
    assertThat(queue.claims).isEmpty();
    bench.guard(Bench.OPEN);
    round();
    assertThat(queue.claims).hasSize(1);
  }

  @Test
  void whileTheMachineHasNoRoomAClaimWithoutAnAnswerIsRepeatedAndItsItemsGoBack() throws Exception {
    queue.onClaim = Optional.of(new Refusal(Reason.OUTCOME_UNKNOWN, "the leader died"));
    assertThatThrownBy(this::round).hasMessageContaining("the leader died");
    queue.onClaim = Optional.empty();
    queue.items = List.of(item("a", "echo"));
    bench.guard(new ProcessConfig.Guards(1000, 101, 0, 1e9));
    round();
    assertThat(queue.claims).hasSize(2);
    assertThat(queue.claims.getLast()).isEqualTo(queue.claims.getFirst());
    assertThat(queue.releases).containsExactly("a");
    round();
    assertThat(queue.claims).hasSize(2);
  }

  @Test
  void whatIsShortIsAConditionThatOthersSee() {
    bench.guard(new ProcessConfig.Guards(1000, 101, 0, 1e9));
    assertThat(bench.supervisor.conditions()).containsExactly("short_of_memory");
    bench.guard(Bench.OPEN);
    assertThat(bench.supervisor.conditions()).isEmpty();
  }

  @Test
  void noMoreIsClaimedThanMayBeginWithinThisMinute() throws Exception {
    bench.guard(new ProcessConfig.Guards(2, 101, 101, 1e9));
    round();
    assertThat(queue.claims.getFirst().getMaxItems()).isEqualTo(2);
  }

  @Test
  void theClaimTellsOfTheMachinesMemory() throws Exception {
    round();
    assertThat(queue.claims.getFirst().getMemoryBytes()).isPositive();
  }

  @Test
  void afterAnItemForWhichThereWasNoRoomTheWorkerRests() throws Exception {
    queue.items = List.of(item("a", "echo"));
    queue.onClaimed = () -> bench.guard(new ProcessConfig.Guards(1000, 0, 101, 1e9));
    round();
    assertThat(queue.releases).containsExactly("a");
    bench.guard(Bench.OPEN);
    queue.onClaimed = () -> {};
    round();
    assertThat(queue.claims).hasSize(1);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              round();
              return queue.claims.size() == 2;
            });
    assertThat(runs()).containsExactly("a");
  }

  @Test
  void claimThatIsOverDoesNotBegin() throws Exception {
    queue.items = List.of(item("a", "echo"));
    queue.onStart = Optional.of(new Refusal(Reason.STALE_CLAIM, "somebody else has it"));
    round();
    assertThat(runs()).isEmpty();
    assertThat(queue.releases).isEmpty();
  }

  @Test
  void itemBeginsOnceTheQueueCanSayThatItsClaimHolds() throws Exception {
    queue.items = List.of(item("a", "echo"));
    queue.onStart = Optional.of(new Refusal(Reason.NO_QUORUM, "nobody leads"));
    assertThatThrownBy(this::round).hasMessageContaining("wait for the queue's word");
    assertThat(runs()).isEmpty();
    queue.onStart = Optional.empty();
    round();
    assertThat(queue.claims).hasSize(1);
    assertThat(queue.starts).containsExactly("a", "a");
    assertThat(runs()).containsExactly("a");
  }
}
