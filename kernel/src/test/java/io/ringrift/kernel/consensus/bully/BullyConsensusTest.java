package io.ringrift.kernel.consensus.bully;

import static io.ringrift.kernel.consensus.bully.VoterCluster.PATIENCE;
import static io.ringrift.kernel.consensus.bully.VoterCluster.id;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
final class BullyConsensusTest {
  @TempDir Path root;

  private static Reason reasonOf(CompletableFuture<?> future) throws Exception {
    try {
      future.get(10, TimeUnit.SECONDS);
      throw new AssertionError("was not refused");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Refusal refusal) {
        return refusal.reason();
      }
      throw e;
    }
  }

  @Test
  void aLoneVoterLeadsAndKeepsItsLedgerOverARestart() {
    try (var cluster = new VoterCluster(root, 1)) {
      cluster.start(1);
      assertThat(cluster.propose("a").result()).asString(UTF_8).isEqualTo("1");
      cluster.propose("b");
      var before = cluster.leader().consensus().leadership().epoch();
      cluster.stop(id(1));
      var again = cluster.start(1);
      cluster.propose("c");
      assertThat(again.machine().commands).containsExactly("a", "b", "c");
      assertThat(again.consensus().leadership().epoch().isAfter(before)).isTrue();
    }
  }

  @Test
  void whatTheLeaderConfirmedIsExecutedByEveryVoter() {
    try (var cluster = new VoterCluster(root, 3)) {
      var voters = cluster.startAll();
      var leader = cluster.leader();
      var epoch = leader.consensus().leadership().epoch();
      var futures =
          IntStream.range(0, 500)
              .mapToObj(i -> leader.consensus().ledger().propose(epoch, ("c" + i).getBytes(UTF_8)))
              .toList();
      CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)).join();
      var expected = IntStream.range(0, 500).mapToObj(i -> "c" + i).toList();
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(voters)
                      .allSatisfy(v -> assertThat(v.machine().commands).isEqualTo(expected)));
      assertThat(voters.stream().map(v -> v.consensus().ledger().status().stateHash()).distinct())
          .hasSize(1);
    }
  }

  @Test
  void confirmedCommandsOutliveTheirLeader() {
    try (var cluster = new VoterCluster(root, 3)) {
      cluster.startAll();
      cluster.propose("a");
      var first = cluster.leader();
      var epoch = first.consensus().leadership().epoch();
      cluster.stop(first.id());
      cluster.propose("b");
      var second = cluster.leader();
      assertThat(second.id()).isNotEqualTo(first.id());
      assertThat(second.consensus().leadership().epoch().isAfter(epoch)).isTrue();
      assertThat(second.machine().commands).containsExactly("a", "b");
      assertThat(first.consensus().leadsNow(epoch)).isFalse();
    }
  }

  @Test
  void allVotersRestartedAtOnceKeepEverything() {
    try (var cluster = new VoterCluster(root, 3)) {
      cluster.startAll();
      var commands = new ArrayList<String>();
      for (int i = 0; i < 20; i++) {
        commands.add("c" + i);
        cluster.propose("c" + i);
      }
      var epoch = cluster.leader().consensus().leadership().epoch();
      for (int n = 1; n <= 3; n++) {
        cluster.stop(id(n));
      }
      cluster.startAll();
      var leader = cluster.leader();
      assertThat(leader.consensus().leadership().epoch().isAfter(epoch)).isTrue();
      assertThat(leader.machine().commands).isEqualTo(commands);
    }
  }

  @Test
  void aDeposedLeaderRefusesProposalsOfItsOldEpoch() throws Exception {
    try (var cluster = new VoterCluster(root, 3)) {
      cluster.startAll();
      var leader = cluster.leader();
      var epoch = leader.consensus().leadership().epoch();
      assertThat(leader.consensus().stepDown("test")).isEqualTo(epoch);
      assertThat(leader.consensus().leadsNow(epoch)).isFalse();
      assertThat(reasonOf(leader.consensus().ledger().propose(epoch, new byte[1])))
          .isIn(Reason.NOT_LEADER, Reason.STALE_EPOCH);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(leader.events())
                      .contains(new LeadershipEvent.DutiesClosed(epoch, "test")));
      var next = cluster.leader();
      assertThat(next.consensus().leadership().epoch().isAfter(epoch)).isTrue();
      assertThat(leader.audit()).contains("elected@" + epoch, "stepped-down@" + epoch);
    }
  }

  @Test
  void aFollowerRefusesProposalsNamingTheLeader() throws Exception {
    try (var cluster = new VoterCluster(root, 3)) {
      var voters = cluster.startAll();
      var leader = cluster.leader();
      var follower =
          voters.stream().filter(v -> !v.id().equals(leader.id())).findFirst().orElseThrow();
      await()
          .atMost(PATIENCE)
          .until(() -> follower.consensus().leadership().leader().equals(Optional.of(leader.id())));
      var epoch = leader.consensus().leadership().epoch();
      assertThatThrownBy(() -> follower.consensus().ledger().propose(epoch, new byte[1]).get())
          .cause()
          .isInstanceOfSatisfying(
              Refusal.class,
              r -> {
                assertThat(r.reason()).isEqualTo(Reason.NOT_LEADER);
                assertThat(r.details()).containsEntry("leader_id", leader.id().value());
              });
      assertThat(reasonOf(follower.consensus().ledger().barrier())).isEqualTo(Reason.NOT_LEADER);
    }
  }

  @Test
  void aBarrierCoversEverythingConfirmedBefore() throws Exception {
    try (var cluster = new VoterCluster(root, 3)) {
      cluster.startAll();
      var applied = cluster.propose("a");
      var leader = cluster.leader();
      assertThat(leader.consensus().ledger().barrier().get(10, TimeUnit.SECONDS))
          .isGreaterThanOrEqualTo(applied.position().index());
    }
  }

  @Test
  void leadershipMovesToTheVoterAskedFor() {
    try (var cluster = new VoterCluster(root, 3)) {
      cluster.startAll();
      cluster.propose("a");
      var leader = cluster.leader();
      var target = leader.id().equals(id(1)) ? id(2) : id(1);
      assertThat(leader.consensus().transfer(Optional.of(target))).isEqualTo(target);
      await().atMost(PATIENCE).until(() -> cluster.leader().id().equals(target));
      assertThatThrownBy(() -> leader.consensus().transfer(Optional.of(leader.id())))
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.INVALID_ARGUMENT));
    }
  }

  @Test
  void aVoterWithADamagedLogFetchesItFromTheOthers() throws Exception {
    try (var cluster = new VoterCluster(root, 3)) {
      cluster.startAll();
      var commands = new ArrayList<String>();
      for (int i = 0; i < 10; i++) {
        commands.add("c" + i);
        cluster.propose("c" + i);
      }
      cluster.stop(id(1));
      truncateLog(1);
      var mended = cluster.start(1);
      assertThat(mended.audit()).anyMatch(a -> a.startsWith("corrupt-found"));
      assertThat(cluster.folder(1).resolve("quarantine/log-1")).exists();
      cluster.propose("d");
      commands.add("d");
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(mended.machine().commands).isEqualTo(commands));
      await()
          .atMost(PATIENCE)
          .until(() -> mended.audit().stream().filter(a -> a.startsWith("recovered")).count() == 2);
    }
  }

  @Test
  void aLoneVoterWithADamagedLogDoesNotStart() throws Exception {
    try (var cluster = new VoterCluster(root, 1)) {
      cluster.start(1);
      cluster.propose("a");
      cluster.stop(id(1));
      truncateLog(1);
      assertThatThrownBy(() -> cluster.start(1))
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
          .hasMessageContainingAll("only voter", "backup");
    }
  }

  private void truncateLog(int n) throws Exception {
    Path folder = root.resolve("n" + n).resolve("log");
    List<Path> files;
    try (var list = Files.list(folder)) {
      files =
          list.filter(f -> f.toString().endsWith(".log") || f.toString().endsWith(".sst")).toList();
    }
    for (Path file : files) {
      try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(channel.size() / 2);
      }
    }
  }
}
