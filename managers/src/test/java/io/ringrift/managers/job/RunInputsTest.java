package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.InputFile;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ProcessOrder;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Fence;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.CompleteWorkResponse;
import io.ringrift.queue.v1.QueueServiceGrpc.QueueServiceImplBase;
import io.ringrift.queue.v1.ReleaseWorkRequest;
import io.ringrift.queue.v1.ReleaseWorkResponse;
import io.ringrift.queue.v1.StartWorkRequest;
import io.ringrift.queue.v1.StartWorkResponse;
import io.ringrift.sync.v1.FailedFile;
import io.ringrift.sync.v1.FetchFilesRequest;
import io.ringrift.sync.v1.FetchFilesResponse;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.SyncServiceGrpc.SyncServiceImplBase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a run needs before it begins and what it tells at its end, with real processes.
final class RunInputsTest {
  private static final String SHA = "ab".repeat(32);

  /// Brings files as each test says.
  private static final class Sync extends SyncServiceImplBase {
    final List<FetchFilesRequest> asked = new CopyOnWriteArrayList<>();
    volatile boolean answers = true;
    volatile FetchFilesResponse answer = FetchFilesResponse.getDefaultInstance();

    @Override
    public void fetchFiles(FetchFilesRequest request, StreamObserver<FetchFilesResponse> observer) {
      asked.add(request);
      if (answers) {
        observer.onNext(answer);
        observer.onCompleted();
      }
    }
  }

  private static final class Queue extends QueueServiceImplBase {
    final List<CompleteWorkRequest> completed = new CopyOnWriteArrayList<>();
    final List<ReleaseWorkRequest> released = new CopyOnWriteArrayList<>();

    @Override
    public void releaseWork(
        ReleaseWorkRequest request, StreamObserver<ReleaseWorkResponse> observer) {
      released.add(request);
      observer.onNext(ReleaseWorkResponse.getDefaultInstance());
      observer.onCompleted();
    }

    @Override
    public void startWork(StartWorkRequest request, StreamObserver<StartWorkResponse> observer) {
      observer.onNext(StartWorkResponse.getDefaultInstance());
      observer.onCompleted();
    }

    @Override
    public void completeWork(
        CompleteWorkRequest request, StreamObserver<CompleteWorkResponse> observer) {
      completed.add(request);
      observer.onNext(CompleteWorkResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }

  @TempDir Path folder;
  private Bench bench;
  private final Sync sync = new Sync();
  private final Queue queue = new Queue();

  @BeforeEach
  void open() {
    bench = new Bench(folder, GpuInventory.none(), 4);
    List<BindableService> own = new ArrayList<>(bench.supervisor.services());
    own.add(sync);
    bench.cell.serve(Bench.SELF, own);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private static ProcessOrder order(String workload, String... paths) {
    var order = Bench.order("a", 1, 1, workload).toBuilder();
    for (String path : paths) {
      order.getSpecBuilder().addInputs(InputFile.newBuilder().setPath(path).setSha256(SHA));
    }
    return order.build();
  }

  @Test
  void inputsAreFetchedByHashAndListedForTheProcess() throws Exception {
    bench.start(order("reader", "games/one.db", "games/two.db"));

    assertThat(bench.awaitClosed("a").getState()).isEqualTo(JobState.JOB_STATE_COMPLETE);
    assertThat(bench.log("a", "stdout")).isEqualTo("games/one.db\ngames/two.db\nend\n");
    assertThat(sync.asked).hasSize(1);
    assertThat(sync.asked.getFirst().getFilesList())
        .extracting(FileEntry::getPath)
        .containsExactly("games/one.db", "games/two.db");
    assertThat(sync.asked.getFirst().getFiles(0).getSha256()).isEqualTo(SHA);
  }

  @Test
  void runWithoutInputsAsksNobodyAndFindsAnEmptyList() throws Exception {
    bench.start(order("reader"));

    bench.awaitClosed("a");
    assertThat(bench.log("a", "stdout")).isEqualTo("end\n");
    assertThat(sync.asked).isEmpty();
  }

  @Test
  void inputThatIsNotToBeHadEndsTheAttemptBeforeItBegins() throws Exception {
    sync.answer =
        FetchFilesResponse.newBuilder()
            .addFailed(
                FailedFile.newBuilder()
                    .setPath("games/two.db")
                    .setReason("FILE_NOT_FOUND")
                    .setDetail("nobody has it"))
            .build();
    bench.start(order("reader", "games/one.db", "games/two.db"));

    ProcessView view = bench.awaitClosed("a");
    assertThat(view.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(view.getExit().getCause()).isEqualTo("inputs_missing");
    assertThat(view.getExit().getDetail())
        .contains("1 of 2", "games/two.db", SHA, "FILE_NOT_FOUND", "nobody has it");
    assertThat(bench.log("a", "stdout")).isEmpty();
    assertThat(bench.outbox.all()).hasSize(1);
  }

  @Test
  void manyMissingInputsAreToldInFewWords() throws Exception {
    var answer = FetchFilesResponse.newBuilder();
    var paths = new String[256];
    for (int i = 0; i < paths.length; i++) {
      paths[i] = "games/" + "x".repeat(200) + i + ".db";
      answer.addFailed(FailedFile.newBuilder().setPath(paths[i]).setDetail("é".repeat(500)));
    }
    sync.answer = answer.build();
    bench.start(order("reader", paths));

    var detail = bench.awaitClosed("a").getExit().getDetailBytes();
    assertThat(detail.size()).as("the queue takes 4 KiB").isLessThan(4096);
  }

  @Test
  void stopIsHonouredWhileInputsAreFetched() throws Exception {
    sync.answers = false;
    bench.start(order("reader", "games/one.db"));
    await().until(() -> sync.asked.size() == 1);

    assertThat(bench.supervisor.stop(new Fence(new Epoch(7), Bench.LEADER), "a", 1, "cancelled"))
        .isTrue();

    assertThat(bench.awaitClosed("a").getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(bench.log("a", "stdout")).isEmpty();
  }

  @Test
  void outputOfAnItemIsToldThoughTheNodeBeganAgainMeanwhile() throws Exception {
    bench.start(order("result").toBuilder().setWorkId("a").build());
    assertThat(bench.awaitClosed("a").getOutput()).isEqualTo("{\"score\": 0}");

    bench.restart();
    assertThat(bench.view("a").getOutput()).isEqualTo("{\"score\": 0}");
    report();

    assertThat(queue.completed).hasSize(1);
    assertThat(queue.completed.getFirst().getOutput()).isEqualTo("{\"score\": 0}");
    assertThat(bench.outbox.all()).isEmpty();
  }

  private void report() throws InterruptedException {
    bench.cell.serve(Bench.LEADER, List.of(queue));
    bench.cell.lead(Bench.LEADER);
    bench.supervisor.loops().stream()
        .filter(loop -> loop.name().equals("process_reports"))
        .findFirst()
        .orElseThrow()
        .round()
        .run(Optional.empty());
  }

  @Test
  void anItemWhoseInputsAreNotToBeHadIsGivenBackAndNotFailed() throws Exception {
    sync.answer =
        FetchFilesResponse.newBuilder()
            .addFailed(FailedFile.newBuilder().setPath("games/two.db").setReason("FILE_NOT_FOUND"))
            .build();
    bench.start(order("reader", "games/two.db").toBuilder().setWorkId("a").build());
    bench.awaitClosed("a");

    report();

    assertThat(queue.released).hasSize(1);
    assertThat(queue.released.getFirst().getUnfit()).isTrue();
    assertThat(queue.released.getFirst().getCause()).contains("games/two.db");
    assertThat(bench.outbox.all()).isEmpty();
  }

  @Test
  void runThatEndedBadlyHasNoOutput() throws Exception {
    var order = order("result").toBuilder();
    order.getSpecBuilder().putParams("code", "3");
    bench.start(order.build());

    assertThat(bench.awaitClosed("a").getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.view("a").getOutput()).isEmpty();
  }
}
