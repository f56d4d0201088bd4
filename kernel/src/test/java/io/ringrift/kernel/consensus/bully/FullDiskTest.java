package io.ringrift.kernel.consensus.bully;

import static io.ringrift.kernel.consensus.bully.VoterCluster.PATIENCE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.consensus.MemoryStateMachine;
import io.ringrift.kernel.consensus.bully.VoterCluster.Running;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.store.TinyDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A full disk costs no acknowledged entry and no restart (RELIABILITY D5).
@Timeout(120)
final class FullDiskTest {
  @TempDir Path root;

  private final List<String> acknowledged = new ArrayList<>();

  private void propose(VoterCluster cluster, String command) {
    cluster.propose(command);
    acknowledged.add(command);
  }

  /// Every reason that tells the caller that nothing was acknowledged.
  private static Reason refusal(Running voter, String command)
      throws InterruptedException, TimeoutException {
    var epoch = voter.consensus().leadership().epoch();
    try {
      voter.consensus().ledger().propose(epoch, command.getBytes(UTF_8)).get(10, TimeUnit.SECONDS);
      throw new AssertionError(command + " was acknowledged");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Refusal refusal) {
        return refusal.reason();
      }
      throw new AssertionError(e);
    }
  }

  private static void awaitSuspended(VoterCluster cluster, Running voter) {
    await().atMost(PATIENCE).until(() -> cluster.disk(voter.id()).failures.get() > 1);
  }

  /// All that was acknowledged is executed everywhere, in order, each command once.
  private void awaitEverywhere(List<Running> voters) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(voters)
                    .allSatisfy(
                        v ->
                            assertThat(v.machine().commands)
                                .doesNotHaveDuplicates()
                                .containsSubsequence(acknowledged)));
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                voters.stream()
                        .map(v -> v.consensus().ledger().status().stateHash())
                        .distinct()
                        .count()
                    == 1);
    assertThat(voters).allSatisfy(v -> assertThat(v.fatal()).hasValue(0));
  }

  @Test
  void aLeaderWhoseDiskIsFullGivesWayAndJoinsAgainWithoutARestart() throws Exception {
    try (var cluster = new VoterCluster(root, 3)) {
      var voters = cluster.startAll();
      propose(cluster, "before");
      var hit = cluster.leader();
      var lost = hit.consensus().leadership().epoch();
      cluster.disk(hit.id()).fail(Reason.DISK_FULL);
      assertThat(refusal(hit, "in between")).isIn(Reason.DISK_FULL, Reason.OUTCOME_UNKNOWN);
      assertThat(hit.consensus().leadsNow(lost)).isFalse();
      propose(cluster, "at the next leader");
      assertThat(cluster.leader().id()).isNotEqualTo(hit.id());
      awaitSuspended(cluster, hit);
      assertThat(refusal(hit, "still full")).isEqualTo(Reason.DISK_FULL);
      cluster.disk(hit.id()).heal();
      propose(cluster, "after");
      awaitEverywhere(voters);
      assertThat(hit.machine().commands).doesNotContain("still full");
      // It votes and leads again, too.
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsMatching(e -> e instanceof Refusal)
          .until(
              () -> cluster.leader().consensus().transfer(Optional.of(hit.id())).equals(hit.id()));
      propose(cluster, "led again");
      awaitEverywhere(voters);
    }
  }

  /// Its thread waits for the disk and can say nothing, and what it said last is asked for.
  @Test
  void aLeaderWhoseDiskStandsStillIsToldAsNoLeaderOnceItsLeaseIsOver() throws Exception {
    var released = new CountDownLatch(1);
    try (var cluster = new VoterCluster(root, 3)) {
      var voters = cluster.startAll();
      propose(cluster, "before");
      var hit = cluster.leader();
      cluster.disk(hit.id()).atWrite(() -> awaitQuietly(released));
      var unknown =
          hit.consensus()
              .ledger()
              .propose(hit.consensus().leadership().epoch(), "x".getBytes(UTF_8));
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  voters.stream()
                      .filter(v -> !v.id().equals(hit.id()))
                      .anyMatch(v -> v.consensus().leadership().role() == Role.LEADER));
      assertThat(hit.consensus().leadership().role()).isEqualTo(Role.FOLLOWER);
      assertThat(hit.consensus().leadership().leader()).isEmpty();
      assertThat(unknown).isNotDone();
      released.countDown();
      propose(cluster, "after");
      awaitEverywhere(voters);
    } finally {
      released.countDown();
    }
  }

  @Test
  void aDiskThatFailsInsideAStepDownLeavesNobodyWaiting() throws Exception {
    try (var cluster = new VoterCluster(root, 3)) {
      cluster.startAll();
      propose(cluster, "before");
      var hit = cluster.leader();
      var epoch = hit.consensus().leadership().epoch();
      var ledger = hit.consensus().ledger();
      var writes = new CountDownLatch(1);
      var goOn = new CountDownLatch(1);
      cluster
          .disk(hit.id())
          .atWrite(
              () -> {
                writes.countDown();
                awaitQuietly(goOn);
              });
      var _ = ledger.propose(epoch, "first".getBytes(UTF_8));
      assertThat(writes.await(10, TimeUnit.SECONDS)).isTrue();
      var second = ledger.propose(epoch, "second".getBytes(UTF_8));
      var stepDown = new CompletableFuture<Epoch>();
      var asking =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      stepDown.complete(hit.consensus().stepDown("asked"));
                    } catch (Refusal e) {
                      stepDown.completeExceptionally(e);
                    }
                  });
      await().until(() -> asking.getState() == Thread.State.TIMED_WAITING);
      var third = ledger.propose(epoch, "third".getBytes(UTF_8));
      var read = ledger.barrier();
      cluster.disk(hit.id()).fail(Reason.DISK_FULL);
      goOn.countDown();
      for (var future : List.of(second, stepDown, third, read)) {
        assertThat(future).failsWithin(10, TimeUnit.SECONDS);
      }
      assertThat(stepDown.exceptionNow())
          .isInstanceOfSatisfying(
              Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.DISK_FULL));
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aFollowerWhoseDiskIsFullHoldsNobodyUpAndCatchesUp() {
    try (var cluster = new VoterCluster(root, 3)) {
      var voters = cluster.startAll();
      propose(cluster, "before");
      var leader = cluster.leader();
      var hit = voters.stream().filter(v -> !v.id().equals(leader.id())).findFirst().orElseThrow();
      cluster.disk(hit.id()).fail(Reason.DISK_FULL);
      for (int i = 0; i < 10; i++) {
        propose(cluster, "meanwhile " + i);
      }
      awaitSuspended(cluster, hit);
      assertThat(hit.machine().commands).doesNotContain("meanwhile 9");
      cluster.disk(hit.id()).heal();
      awaitEverywhere(voters);
      assertThat(hit.audit().stream().filter(a -> a.startsWith("recovered"))).hasSizeGreaterThan(1);
    }
  }

  @Test
  void withoutRoomOnAMajorityNothingIsAcknowledgedUntilThereIsRoomAgain() throws Exception {
    try (var cluster = new VoterCluster(root, 3)) {
      var voters = cluster.startAll();
      propose(cluster, "before");
      var leader = cluster.leader();
      voters.forEach(v -> cluster.disk(v.id()).fail(Reason.DISK_FULL));
      assertThat(refusal(leader, "nowhere")).isIn(Reason.DISK_FULL, Reason.OUTCOME_UNKNOWN);
      assertThat(leader.machine().commands).containsExactly("before");
      voters.forEach(v -> cluster.disk(v.id()).heal());
      propose(cluster, "after");
      awaitEverywhere(voters);
    }
  }

  @Test
  void aMachineThatCouldNotStoreDoesNotExecuteTwice() {
    var full = new AtomicBoolean();
    try (var cluster = new VoterCluster(root, 1)) {
      cluster.machines(() -> new StoringMachine(full));
      var voter = cluster.start(1);
      propose(cluster, "before");
      full.set(true);
      var failed =
          voter
              .consensus()
              .ledger()
              .propose(cluster.leader().consensus().leadership().epoch(), "x".getBytes(UTF_8));
      assertThatThrownBy(() -> failed.get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.OUTCOME_UNKNOWN));
      full.set(false);
      propose(cluster, "after");
      assertThat(voter.machine().commands).containsExactly("before", "x", "after");
    }
  }

  @Test
  void aReallyFullDiskUnderALeaderIsToldAndOutlived() throws Exception {
    try (var disk = TinyDisk.mount(root.resolve("n3"), 96);
        var cluster = new VoterCluster(root, 3)) {
      var voters = cluster.startAll();
      propose(cluster, "before");
      var hit = voters.get(2);
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsMatching(e -> e instanceof Refusal)
          .until(
              () -> {
                var leader = cluster.leader();
                return leader.id().equals(hit.id())
                    || leader.consensus().transfer(Optional.of(hit.id())).equals(hit.id());
              });
      await().atMost(PATIENCE).until(() -> cluster.leader().id().equals(hit.id()));
      disk.fill();
      assertThat(refusal(hit, "no room")).isIn(Reason.DISK_FULL, Reason.OUTCOME_UNKNOWN);
      propose(cluster, "elsewhere");
      assertThat(cluster.leader().id()).isNotEqualTo(hit.id());
      assertThat(refusal(hit, "still full")).isEqualTo(Reason.DISK_FULL);
      disk.free();
      propose(cluster, "after");
      awaitEverywhere(voters);
      assertThat(Files.exists(root.resolve("n3/quarantine"))).isFalse();
    }
  }

  /// Stores behind its memory, as a machine with a store of its own does.
  private static final class StoringMachine extends MemoryStateMachine {
    private final AtomicBoolean full;
    private List<String> stored = List.of();
    private LogPosition storedAt = LogPosition.START;

    StoringMachine(AtomicBoolean full) {
      this.full = full;
    }

    @Override
    public List<byte[]> apply(List<LogEntry> entries) {
      var results = super.apply(entries);
      if (full.get()) {
        throw new Refusal(Reason.DISK_FULL, "the machine's store has no room");
      }
      stored = List.copyOf(commands);
      storedAt = super.applied();
      return results;
    }

    @Override
    public LogPosition applied() {
      return storedAt;
    }

    @Override
    public void restore(LogPosition position, InputStream in) throws IOException {
      super.restore(position, in);
      stored = List.copyOf(commands);
      storedAt = position;
    }

    @Override
    public void reload() {
      commands.clear();
      commands.addAll(stored);
      goBackTo(storedAt);
    }
  }
}
