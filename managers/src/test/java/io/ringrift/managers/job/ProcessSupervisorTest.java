package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ProcessServiceGrpc;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.job.v1.ReadLogRequest;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Fence;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessSupervisorTest {
  @TempDir Path folder;
  private Bench bench;

  @BeforeEach
  void open() {
    bench = new Bench(folder, GpuInventory.none(), 4);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private static Reason reason(Throwable thrown) {
    return ((Refusal) thrown).reason();
  }

  @Test
  void exitCodeZeroIsCompleteAndItsReportIsInTheOutbox() throws Exception {
    bench.start(Bench.order("a", 1, 1, "echo"));
    ProcessView view = bench.awaitClosed("a");
    assertThat(view.getState()).isEqualTo(JobState.JOB_STATE_COMPLETE);
    assertThat(view.getExit().getCause()).isEqualTo("exit");
    assertThat(bench.log("a", "stdout")).isEqualTo("out-hex8\n");
    assertThat(bench.log("a", "stderr")).isEqualTo("err\n");
    assertThat(bench.outbox.all()).hasSize(1);
    assertThat(bench.audit.stream().map(Bench.Entry::kind))
        .containsExactly("effect-accepted", "job-start", "job-exit");
  }

  @Test
  void anotherExitCodeIsFailedAndTold() throws Exception {
    var order = Bench.order("a", 1, 1, "echo").toBuilder();
    order.getSpecBuilder().putParams("code", "3");
    bench.start(order.build());
    assertThat(bench.awaitClosed("a").getExit().getCode()).isEqualTo(3);
    assertThat(bench.view("a").getState()).isEqualTo(JobState.JOB_STATE_FAILED);
  }

  @Test
  void processKilledFromOutsideIsFailedWithItsSignal() throws Exception {
    bench.start(Bench.order("a", 1, 1, "sleeper"));
    long pid = bench.awaitState("a", JobState.JOB_STATE_RUNNING).getPid();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    ProcessView view = bench.awaitClosed("a");
    assertThat(view.getExit().getSignal()).isEqualTo(9);
    assertThat(view.getExit().getCause()).isEqualTo("signal");
    assertThat(view.getExit().getDetail()).isEqualTo("killed by signal 9");
  }

  @Test
  void cancelKillsTheWholeTreeEvenAgainstItsWill() throws Exception {
    bench.start(Bench.order("a", 1, 1, "family"));
    await().until(() -> bench.log("a", "stdout").endsWith("\n"));
    long child = Long.parseLong(bench.log("a", "stdout").strip());
    long parent = bench.awaitState("a", JobState.JOB_STATE_RUNNING).getPid();
    assertThat(bench.supervisor.stop(new Fence(new Epoch(7), Bench.LEADER), "a", 1, "cancelled"))
        .isTrue();
    ProcessView view = bench.awaitClosed("a");
    assertThat(view.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    await().until(() -> ProcTable.stat(child).filter(ProcTable.Stat::alive).isEmpty());
    assertThat(ProcTable.stat(parent).filter(ProcTable.Stat::alive)).isEmpty();
  }

  @Test
  void childLeftBehindByADeadParentEndsWithTheRun() throws Exception {
    bench.start(Bench.order("a", 1, 1, "family"));
    await().until(() -> bench.log("a", "stdout").endsWith("\n"));
    long child = Long.parseLong(bench.log("a", "stdout").strip());
    long parent = bench.awaitState("a", JobState.JOB_STATE_RUNNING).getPid();
    ProcessHandle.of(parent).orElseThrow().destroyForcibly();
    bench.awaitClosed("a");
    await().until(() -> ProcTable.stat(child).filter(ProcTable.Stat::alive).isEmpty());
  }

  @Test
  void sameOrderTwiceStartsOnce() throws Exception {
    assertThat(bench.start(Bench.order("a", 1, 1, "sleeper")).duplicate()).isFalse();
    assertThat(bench.start(Bench.order("a", 1, 1, "sleeper")).duplicate()).isTrue();
    assertThat(bench.supervisor.table().live()).hasSize(1);
    assertThat(bench.audit.stream().filter(e -> e.kind().equals("job-start"))).hasSize(1);
  }

  @Test
  void sameOrderFromManyThreadsStartsOnce() throws Exception {
    Callable<ProcessSupervisor.Started> order =
        () -> bench.start(Bench.order("a", 1, 1, "sleeper"));
    int fresh = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var started : threads.invokeAll(Collections.nCopies(8, order))) {
        fresh += started.get().duplicate() ? 0 : 1;
      }
    }
    assertThat(fresh).isEqualTo(1);
    assertThat(bench.supervisor.table().live()).hasSize(1);
  }

  @Test
  void processOutlivesItsSupervisorAndIsAdoptedNotStartedAgain() throws Exception {
    bench.start(Bench.order("a", 1, 1, "sleeper"));
    long pid = bench.awaitState("a", JobState.JOB_STATE_RUNNING).getPid();
    bench.restart();
    ProcessView view = bench.awaitState("a", JobState.JOB_STATE_RUNNING);
    assertThat(view.getPid()).isEqualTo(pid);
    assertThat(view.getAdopted()).isTrue();
    assertThat(bench.start(Bench.order("a", 1, 1, "sleeper")).duplicate()).isTrue();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    assertThat(bench.awaitClosed("a").getExit().getSignal()).isEqualTo(9);
  }

  @Test
  void exitWhileTheNodeWasDownIsFoundAtItsRestart() throws Exception {
    bench.start(Bench.order("a", 1, 1, "sleeper"));
    long pid = bench.awaitState("a", JobState.JOB_STATE_RUNNING).getPid();
    RunFolder run = bench.supervisor.table().ofJob("a").getLast().folder().orElseThrow();
    bench.supervisor.close();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    await().until(() -> run.exitCode().isPresent());
    bench.restart();
    assertThat(bench.awaitClosed("a").getExit().getSignal()).isEqualTo(9);
    assertThat(bench.outbox.all()).hasSize(1);
  }

  @Test
  void orderWhoseProcessLeftNoTraceIsLost() throws Exception {
    bench.supervisor.close();
    var order = Bench.order("a", 1, 1, "sleeper");
    RunFolder.create(
        bench.config.runsDir(),
        RunKey.of(order),
        ProcessView.newBuilder().setOrder(order).setState(JobState.JOB_STATE_STARTING).build());
    bench.restart();
    ProcessView view = bench.awaitClosed("a");
    assertThat(view.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(view.getExit().getCause()).isEqualTo("lost");
  }

  @Test
  void pidThatNowBelongsToAnotherProcessIsNotAdopted() throws Exception {
    var other = ProcTable.stat(ProcessHandle.current().pid()).orElseThrow();
    assertThat(
            new ProcTable.Identity(
                    ProcTable.bootId(), other.pid(), other.session(), other.startTicks())
                .alive())
        .isTrue();
    assertThat(
            new ProcTable.Identity(
                    ProcTable.bootId(), other.pid(), other.session(), other.startTicks() - 1)
                .alive())
        .isFalse();
  }

  @Test
  void newerClaimSupersedesTheRunningOneAndTheOlderIsRefusedFromThenOn() throws Exception {
    bench.start(Bench.order("a", 1, 1, "sleeper"));
    bench.awaitState("a", JobState.JOB_STATE_RUNNING);
    bench.start(Bench.order("a", 2, 5, "sleeper"));
    bench.awaitState("a", JobState.JOB_STATE_RUNNING);
    Run first = bench.supervisor.table().ofJob("a").getFirst();
    assertThat(first.live()).isFalse();
    assertThat(first.view().getExit().getCause()).isEqualTo("superseded");
    assertThatThrownBy(() -> bench.start(Bench.order("a", 1, 2, "sleeper")))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(Reason.STALE_CLAIM));
  }

  @Test
  void orderOfADeposedLeaderIsRefusedAndAudited() {
    bench.gate.learn(new Epoch(9));
    assertThatThrownBy(() -> bench.start(Bench.order("a", 1, 1, "echo")))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(Reason.STALE_EPOCH));
    assertThat(bench.supervisor.table().all()).isEmpty();
    assertThat(bench.audit.getLast().kind()).isEqualTo("effect-rejected");
  }

  @Test
  void aFencedListingShutsOutEarlierLeadersBeforeAnyOrder() {
    var _ =
        ProcessServiceGrpc.newBlockingStub(bench.services().local())
            .listProcesses(
                io.ringrift.job.v1.ListProcessesRequest.newBuilder()
                    .setFence(
                        io.ringrift.common.v1.Fence.newBuilder()
                            .setEpoch(9)
                            .setLeaderId(Bench.LEADER.value()))
                    .build());
    assertThatThrownBy(() -> bench.start(Bench.order("a", 1, 1, "echo")))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(Reason.STALE_EPOCH));
  }

  @Test
  void stopThatOvertakesItsOrderKeepsItFromStarting() {
    assertThat(bench.supervisor.stop(new Fence(new Epoch(7), Bench.LEADER), "a", 1, "cancelled"))
        .isFalse();
    assertThatThrownBy(() -> bench.start(Bench.order("a", 1, 1, "echo")))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(Reason.STALE_CLAIM));
  }

  @Test
  void undeclaredCommandIsRefused() {
    var order = Bench.order("a", 1, 1, "").toBuilder();
    order.getSpecBuilder().addExecArgv("/bin/true");
    assertThatThrownBy(() -> bench.start(order.build()))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(Reason.EXEC_NOT_ALLOWED));
    assertThatThrownBy(() -> bench.start(Bench.order("a", 1, 1, "nonesuch")))
        .hasMessageContaining("nonesuch")
        .satisfies(e -> assertThat(reason(e)).isEqualTo(Reason.WORKLOAD_NOT_FOUND));
  }

  @Test
  void fullNodeRefusesWithoutATrace() throws Exception {
    for (int i = 0; i < 4; i++) {
      bench.start(Bench.order("j" + i, 1, 1, "sleeper"));
    }
    assertThatThrownBy(() -> bench.start(Bench.order("a", 1, 1, "sleeper")))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(Reason.NO_CAPACITY));
    assertThat(bench.supervisor.table().ofJob("a")).isEmpty();
  }

  @Test
  void runBeyondItsTimeoutIsStoppedWithThatCause() throws Exception {
    var order = Bench.order("a", 1, 1, "sleeper").toBuilder();
    order.getSpecBuilder().setTimeout(Duration.newBuilder().setNanos(200_000_000));
    bench.start(order.build());
    ProcessView view = bench.awaitClosed("a");
    assertThat(view.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(view.getExit().getCause()).isEqualTo("timeout");
  }

  @Test
  void runIsStoppedThoughTheDiskTakesNoStopMark() throws Exception {
    bench.start(Bench.order("a", 1, 1, "sleeper"));
    bench.awaitState("a", JobState.JOB_STATE_RUNNING);
    Files.createDirectory(place("a").resolve("stop.partial"));
    assertThat(bench.supervisor.stop(new Fence(new Epoch(7), Bench.LEADER), "a", 1, "cancelled"))
        .isTrue();
    assertThat(bench.awaitClosed("a").getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
  }

  @Test
  void runIsWatchedOnWhileItsFolderFails() throws Exception {
    bench.start(Bench.order("a", 1, 1, "sleeper"));
    long pid = bench.awaitState("a", JobState.JOB_STATE_RUNNING).getPid();
    Path blocked = Files.createDirectory(place("a").resolve("abandoned.partial"));
    var wrapper = new RunFolder(place("a")).wrapper().orElseThrow();
    ProcessHandle.of(wrapper.pid()).orElseThrow().destroyForcibly();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    await()
        .during(java.time.Duration.ofMillis(300))
        .until(() -> bench.supervisor.table().live().size() == 1);
    Files.delete(blocked);
    assertThat(bench.awaitClosed("a").getExit().getCause()).isEqualTo("lost");
    assertThat(bench.outbox.all()).hasSize(1);
  }

  private Path place(String id) {
    return bench.supervisor.table().ofJob(id).getLast().folder().orElseThrow().path();
  }

  @Test
  void processKnowsItsClaimFromItsEnvironment() throws Exception {
    bench.start(Bench.order("a", 3, 77, "env"));
    bench.awaitClosed("a");
    assertThat(bench.log("a", "stdout").lines())
        .contains(
            "RINGRIFT_JOB_ID=a",
            "RINGRIFT_ATTEMPT=3",
            "RINGRIFT_EPOCH=7",
            "RINGRIFT_CLAIM_TOKEN=77",
            "BOARD=hex8");
  }

  @Test
  void followedLogComesWhole() throws Exception {
    bench.start(Bench.order("abc", 1, 1, "sleeper"));
    bench.awaitState("abc", JobState.JOB_STATE_RUNNING);
    var parts =
        ProcessServiceGrpc.newBlockingStub(bench.services().local())
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .readLog(
                ReadLogRequest.newBuilder()
                    .setJobId("ab")
                    .setFollow(true)
                    .setStream("stdout")
                    .build());
    assertThat(parts.next().getChunk().toStringUtf8()).isEqualTo("up\n");
    var rest = CompletableFuture.supplyAsync(parts::hasNext);
    assertThat(rest.isDone()).isFalse();
    bench.supervisor.table().live().forEach(run -> run.stop("cancelled"));
    assertThat(rest.get(20, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void logAboveTheCapIsCutAndItsOffsetsGoOn(@TempDir Path logs) throws Exception {
    var log = new LogFile(logs, "stdout");
    Files.writeString(logs.resolve("stdout"), "0123456789");
    log.trim(5);
    Files.writeString(logs.resolve("stdout"), "abc");
    assertThat(log.end()).isEqualTo(13);
    assertThat(new String(log.read(8, 100).bytes(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("89");
    assertThat(log.read(-3, 100).nextOffset()).isEqualTo(13);
    assertThat(List.of(log.read(10, 100).bytes().length)).containsExactly(3);
  }
}
