package io.ringrift.kernel.consensus.raft;

import static io.ringrift.kernel.consensus.raft.RaftMembers.PATIENCE;
import static io.ringrift.kernel.consensus.raft.RaftMembers.holds;
import static io.ringrift.kernel.consensus.raft.RaftMembers.leader;
import static io.ringrift.kernel.consensus.raft.RaftMembers.propose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.SkippingTicker;
import io.ringrift.kernel.consensus.ConsensusBed.Member;
import io.ringrift.kernel.consensus.MemoryStateMachine;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.store.StateFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Traps of Ratis that are known by name (DEPENDENCIES 4, FEATURES 3.1).
@Timeout(120)
final class RaftTrapsTest {

  /// What these voters, whose election timeout is half a second, take for a stall.
  private static final Duration STALL = Duration.ofMillis(2200);

  @TempDir Path root;

  /// Refuses to write while its disk is full.
  private static final class SickMachine extends MemoryStateMachine {
    final AtomicBoolean full = new AtomicBoolean();

    SickMachine() {
      super(true);
    }

    @Override
    public List<byte[]> apply(List<LogEntry> entries) {
      if (full.get()) {
        throw new Refusal(Reason.DISK_FULL, "the disk is full");
      }
      return super.apply(entries);
    }

    @Override
    public void reload() {
      if (full.get()) {
        throw new Refusal(Reason.DISK_FULL, "the disk is still full");
      }
    }
  }

  /// A closed division must not go on answering, and a log that failed stays failed: it is opened
  /// again once the disk allows it.
  @Test
  void aVoterWhoseDiskFailsWithdrawsAndComesBackWithoutARestart() {
    try (var trio = new RaftTrio(root, 1_000)) {
      var machines = IntStream.rangeClosed(1, 3).mapToObj(_ -> new SickMachine()).toList();
      var members =
          IntStream.rangeClosed(1, 3).mapToObj(n -> trio.start(n, machines.get(n - 1))).toList();
      propose(members, "a");
      var leading = leader(members);
      var sick = members.stream().filter(m -> m.n() != leading.n()).findFirst().orElseThrow();
      holds(sick, "a");
      machines.get(sick.n() - 1).full.set(true);
      propose(members, "b");
      await().atMost(PATIENCE).until(() -> !trio.raft(sick.n()).status().initialized());
      await().atMost(PATIENCE).until(() -> sick.consensus().leadership().leader().isEmpty());
      machines.get(sick.n() - 1).full.set(false);
      holds(sick, "b");
      assertThat(sick.machine().commands).containsOnlyOnce("a", "b");
      assertThat(trio.fatal).hasValue(0);
    }
  }

  /// Ratis replaces the file of term and vote even when a full disk took nothing of the new one.
  @Test
  void aVoterWhoseTermAndVoteAFullDiskSwallowedComesBack() throws Exception {
    try (var trio = new RaftTrio(root, 1_000)) {
      var machines = IntStream.rangeClosed(1, 3).mapToObj(_ -> new SickMachine()).toList();
      var members =
          IntStream.rangeClosed(1, 3).mapToObj(n -> trio.start(n, machines.get(n - 1))).toList();
      propose(members, "a");
      var leading = leader(members);
      var sick = members.stream().filter(m -> m.n() != leading.n()).findFirst().orElseThrow();
      holds(sick, "a");
      machines.get(sick.n() - 1).full.set(true);
      propose(members, "b");
      await().atMost(PATIENCE).until(() -> !trio.raft(sick.n()).status().initialized());
      Files.write(meta(sick.n()), new byte[0]);
      machines.get(sick.n() - 1).full.set(false);
      holds(sick, "b");

      trio.stop(sick.n());
      Files.write(meta(sick.n()), new byte[0]);
      var again = trio.start(sick.n());
      propose(List.of(leading, again), "c");
      holds(again, "c");
      assertThat(trio.fatal).hasValue(0);
    }
  }

  private Path meta(int n) throws IOException {
    try (var files = Files.walk(root.resolve("n" + n).resolve("raft"))) {
      return files.filter(f -> f.endsWith("raft-meta")).findFirst().orElseThrow();
    }
  }

  @Test
  void aLeaderWhoseDiskFailsClosesItsDutiesAndAnotherLeads() {
    try (var trio = new RaftTrio(root, 1_000)) {
      var machines = IntStream.rangeClosed(1, 3).mapToObj(_ -> new SickMachine()).toList();
      var members =
          IntStream.rangeClosed(1, 3).mapToObj(n -> trio.start(n, machines.get(n - 1))).toList();
      propose(members, "a");
      var old = leader(members);
      Epoch epoch = old.consensus().leadership().epoch();
      machines.get(old.n() - 1).full.set(true);
      var others = members.stream().filter(m -> m.n() != old.n()).toList();
      var _ = old.consensus().ledger().propose(epoch, new byte[] {'x'});
      propose(others, "b");
      assertThat(old.consensus().leadsNow(epoch)).isFalse();
      assertThat(old.events())
          .anyMatch(e -> e instanceof LeadershipEvent.DutiesClosed(var e2, _) && e2.equals(epoch));
    }
  }

  /// Ratis makes a voter whose time runs out a candidate, and then begins no election because they
  /// are held back, and none when they are free again.
  @Test
  void votersThatAllKeptOutOfElectionsElectOneAgain() {
    var ticker = new SkippingTicker();
    try (var trio = new RaftTrio(root, 1_000).tickers(_ -> ticker)) {
      var members = IntStream.rangeClosed(1, 3).mapToObj(trio::start).toList();
      propose(members, "a");
      Epoch epoch = leader(members).consensus().leadership().epoch();
      ticker.skip(Duration.ofSeconds(20));
      await()
          .atMost(PATIENCE)
          .until(() -> leader(members).consensus().leadership().epoch().isAfter(epoch));
      propose(members, "b");
      assertThat(trio.fatal).hasValue(0);
    }
  }

  /// Ratis goes on naming the dead leader to a candidate that begins no election. Voters that stall
  /// again and again rest until another leads well, and would wait for that one.
  @Test
  void votersThatStallAgainAndAgainSucceedADeadLeader() {
    var tickers = IntStream.rangeClosed(0, 3).mapToObj(_ -> new SkippingTicker()).toList();
    try (var trio = new RaftTrio(root, 1_000).tickers(tickers::get)) {
      var members = IntStream.rangeClosed(1, 3).mapToObj(trio::start).toList();
      propose(members, "a");
      int first = leader(members).n();
      var others = members.stream().filter(m -> m.n() != first).toList();
      others.forEach(m -> tickers.get(m.n()).skip(STALL));
      trio.stop(first);
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(1500))
          .until(
              () -> {
                boolean led = others.stream().anyMatch(Member::leads);
                others.forEach(m -> tickers.get(m.n()).skip(led ? Duration.ZERO : STALL));
                return led;
              });
    }
  }

  /// Ratis ends the process when it cannot listen.
  @Test
  void aPortThatIsTakenIsARefusalAndNoExit() throws Exception {
    try (var trio = new RaftTrio(root, 1_000);
        var _ = new ServerSocket(trio.address(1).port(), 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> trio.start(1))
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_FAILED))
          .hasMessageContaining("port");
    }
  }

  /// Ratis tells by an exception that it closed its log, to whoever asks where that ends.
  @Test
  void aLogThatRatisClosedEndsNowhereAndBreaksNobodyWhoAsks() {
    try (var trio = new RaftTrio(root, 1_000)) {
      var member = trio.start(1);
      RaftDivision division = trio.raft(1).division().orElseThrow();
      division.close();
      assertThat(division.logEnd()).isEqualTo(-1);
      assertThat(member.consensus().ledger().status().logEnd().index()).isNotNegative();
    }
  }

  /// What another mode of consensus takes over: all that this voter's log holds.
  @Test
  void theEstateOfAVoterIsItsWholeLog() {
    try (var trio = new RaftTrio(root, 20)) {
      var members = List.of(trio.start(1), trio.start(2), trio.start(3));
      var commands = IntStream.range(0, 50).mapToObj(i -> "c" + i).toList();
      commands.forEach(command -> propose(members, command));
      holds(members.getFirst(), "c49");
      Epoch epoch = leader(members).consensus().leadership().epoch();
      trio.stop(1);
      var heir = new MemoryStateMachine(true);
      try (var folder = StateFolder.open(root.resolve("n1"), "test", RaftTrio.id(1))) {
        assertThat(RaftEstate.settle(folder, (_, _, _) -> {}, heir)).isPresent();
      }
      assertThat(heir.commands).isEqualTo(commands);
      assertThat(heir.applied().epoch()).isEqualTo(epoch);
    }
  }

  @Test
  void aDamagedLogCannotSpeakForItsVoter() throws Exception {
    try (var trio = new RaftTrio(root, 1_000)) {
      var members = List.of(trio.start(1), trio.start(2), trio.start(3));
      IntStream.range(0, 10).forEach(i -> propose(members, "c" + i));
      holds(members.getFirst(), "c9");
      trio.stop(1);
    }
    damageLog();
    List<String> audited = new ArrayList<>();
    try (var folder = StateFolder.open(root.resolve("n1"), "test", RaftTrio.id(1))) {
      var heir = new MemoryStateMachine(true);
      assertThat(RaftEstate.settle(folder, (kind, _, _) -> audited.add(kind), heir)).isEmpty();
    }
    assertThat(audited).containsExactly("corrupt-found");
  }

  private List<byte[]> damageLog() throws IOException {
    List<byte[]> left = new ArrayList<>();
    for (Path segment : segments()) {
      byte[] bytes = Files.readAllBytes(segment);
      bytes[60] ^= 1;
      Files.write(segment, bytes);
      left.add(bytes);
    }
    return left;
  }

  private List<Path> segments() throws IOException {
    try (var files = Files.walk(root.resolve("n1").resolve("raft"))) {
      return files.filter(f -> f.getFileName().toString().startsWith("log_")).sorted().toList();
    }
  }

  @Test
  void aDamagedSnapshotIsNamedBeforeAnythingIsTouched() throws Exception {
    try (var trio = new RaftTrio(root, 10)) {
      var members = List.of(trio.start(1), trio.start(2), trio.start(3));
      IntStream.range(0, 40).forEach(i -> propose(members, "c" + i));
      await().atMost(PATIENCE).until(() -> !snapshots().isEmpty());
      trio.stop(1);
      for (Path snapshot : snapshots()) {
        byte[] bytes = Files.readAllBytes(snapshot);
        bytes[bytes.length - 1] ^= 1;
        Files.write(snapshot, bytes);
      }
      assertThatThrownBy(() -> trio.start(1))
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
          .hasMessageContainingAll("snapshot", "wrong digest", "aside");
    }
  }

  private List<Path> snapshots() throws Exception {
    try (var files = Files.walk(root.resolve("n1").resolve("raft"))) {
      return files.filter(f -> f.getFileName().toString().matches("snapshot\\.\\d+_\\d+")).toList();
    }
  }
}
