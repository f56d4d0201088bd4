package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ConsensusBed.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiPredicate;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Who takes over from a leader that fell silent, on real sockets.
@Timeout(120)
final class SuccessorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration ELECTION = Duration.ofMillis(1_500);
  private static final int TRIES = 6;

  /// Where Ratis lets a test step in before a forced election.
  private static final String BEGINS = "RaftServerImpl.startLeaderElection";

  /// Which messages are lost, by receiver and sender.
  private final AtomicReference<BiPredicate<Object, Object>> lost =
      new AtomicReference<>((_, _) -> false);

  @TempDir Path root;

  @BeforeEach
  void inject() {
    CodeInjectionForTesting.put(
        GuardedService.RECEIVE, (local, remote, _) -> lost.get().test(local, remote));
  }

  @AfterEach
  void heal() {
    CodeInjectionForTesting.remove(GuardedService.RECEIVE);
    CodeInjectionForTesting.remove(BEGINS);
  }

  private static int first(List<Integer> voters, int without) {
    return voters.stream().filter(n -> n != without).findFirst().orElseThrow();
  }

  private static Member leader(List<Member> members, Epoch behind) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                members.stream()
                    .filter(m -> m.consensus().leadership().epoch().isAfter(behind))
                    .filter(m -> m.consensus().leadsNow(m.consensus().leadership().epoch()))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /// Raft's own pause may end first on a busy machine: then the next silent leader shows it.
  @Test
  void aSilentLeaderIsSucceededBeforeRaftsOwnPauseEnds() {
    try (var trio = new RaftTrio(root, 1_000).election(ELECTION)) {
      var members = List.of(trio.start(1), trio.start(2), trio.start(3));
      for (int i = 0; i < TRIES && trio.early(1) + trio.early(2) + trio.early(3) == 0; i++) {
        lost.set((_, _) -> false);
        var old = leader(members, Epoch.ZERO);
        Epoch epoch = old.consensus().leadership().epoch();
        silence(old);
        var next = leader(members, epoch);
        assertThat(old.consensus().leadsNow(epoch)).as("two lead at once").isFalse();
        assertThat(next.n()).isNotEqualTo(old.n());
      }
      assertThat(trio.early(1) + trio.early(2) + trio.early(3)).isPositive();
    }
  }

  private void silence(Member leader) {
    NodeId silent = RaftTrio.id(leader.n());
    lost.set((local, remote) -> silent.equals(local) || silent.equals(remote));
  }

  /// Its vote for itself is not written: Raft stands still then, and says so by an exception.
  @Test
  void aDiskThatRefusesTheOwnVoteCostsTheDivisionAndNotTheNode() throws Exception {
    try (var trio = new RaftTrio(root, 1_000)) {
      var members = List.of(trio.start(1), trio.start(2), trio.start(3));
      var old = leader(members, Epoch.ZERO);
      Epoch epoch = old.consensus().leadership().epoch();
      int next = first(List.of(1, 2, 3), old.n());
      Path obstacle = meta(next).resolveSibling("raft-meta.tmp").resolve("full");
      Files.createDirectories(obstacle);
      NodeId silent = RaftTrio.id(old.n());
      lost.set((local, remote) -> silent.equals(local) || silent.equals(remote));
      await().atMost(PATIENCE).until(() -> !trio.raft(next).status().initialized());
      Files.delete(obstacle);
      Files.deleteIfExists(obstacle.getParent());
      leader(members, epoch);
      await()
          .atMost(PATIENCE)
          .until(() -> members.get(next - 1).consensus().leadership().leader().isPresent());
      assertThat(trio.fatal).hasValue(0);
    }
  }

  private Path meta(int n) throws IOException {
    try (var files = Files.walk(root.resolve("n" + n))) {
      return files.filter(f -> f.endsWith("raft-meta")).findFirst().orElseThrow();
    }
  }

  /// A forced election asks for no pre-vote in any of its rounds. Messages are swallowed here, not
  /// refused: what is refused ends a round at once, and with it the election.
  @Test
  void aVoterThatIsCutOffRightBehindItsPreVoteDoesNotRaiseItsTermWithoutEnd() {
    var healed = new CountDownLatch(1);
    try (var trio = new RaftTrio(root, 1_000)) {
      var members = List.of(trio.start(1), trio.start(2), trio.start(3));
      long term = 0;
      Optional<Integer> cut = Optional.empty();
      for (int i = 0; i < TRIES && cut.isEmpty(); i++) {
        var old = leader(members, Epoch.ZERO);
        term = trio.raft(old.n()).status().term();
        cut = cutOffWhoBegins(members, old, healed);
      }
      int voter = cut.orElseThrow();
      await().pollDelay(RaftTrio.ELECTION.multipliedBy(12)).atMost(PATIENCE).until(() -> true);
      await().atMost(PATIENCE).until(() -> trio.raft(voter).status().initialized());
      assertThat(trio.raft(voter).status().term() - term).isBetween(1L, 2L);
      CodeInjectionForTesting.remove(BEGINS);
      lost.set((_, _) -> false);
      healed.countDown();
      await()
          .atMost(PATIENCE)
          .until(() -> members.get(voter - 1).consensus().leadership().leader().isPresent());
      assertThat(trio.fatal).hasValue(0);
    } finally {
      healed.countDown();
    }
  }

  /// Silences a leader until a voter begins an election, and swallows what goes to and from that
  /// voter from then on; empty when Raft's own election was faster, with nobody silenced any more.
  private Optional<Integer> cutOffWhoBegins(
      List<Member> members, Member old, CountDownLatch healed) {
    Epoch epoch = old.consensus().leadership().epoch();
    var begun = new AtomicReference<Optional<Object>>(Optional.empty());
    CodeInjectionForTesting.put(
        BEGINS,
        (local, _, _) -> {
          Object id = new NodeId(local.toString());
          if (begun.compareAndSet(Optional.empty(), Optional.of(id))) {
            lost.set((to, from) -> id.equals(to) || swallows(id, from, healed));
          }
          return false;
        });
    silence(old);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                begun.get().isPresent()
                    || members.stream()
                        .filter(m -> m.n() != old.n())
                        .anyMatch(m -> m.consensus().leadership().epoch().isAfter(epoch)));
    if (begun.compareAndSet(Optional.empty(), Optional.of("nobody"))) {
      CodeInjectionForTesting.remove(BEGINS);
      lost.set((_, _) -> false);
      return Optional.empty();
    }
    return members.stream()
        .map(Member::n)
        .filter(n -> begun.get().equals(Optional.of(RaftTrio.id(n))))
        .findFirst();
  }

  private static boolean swallows(Object from, Object remote, CountDownLatch healed) {
    if (!from.equals(remote)) {
      return false;
    }
    try {
      return healed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /// One follower hears nothing, the other holds to the leader: nobody is deposed.
  @Test
  void aFollowerThatIsCutOffAloneDeposesNobody() {
    try (var trio = new RaftTrio(root, 1_000).election(ELECTION)) {
      var members = List.of(trio.start(1), trio.start(2), trio.start(3));
      var leading = leader(members, Epoch.ZERO);
      Epoch epoch = leading.consensus().leadership().epoch();
      NodeId deaf = RaftTrio.id(leading.n() % 3 + 1);
      NodeId leads = RaftTrio.id(leading.n());
      var refused = new AtomicInteger();
      lost.set(
          (local, remote) -> {
            if (remote.equals(deaf) && !local.equals(leads)) {
              refused.incrementAndGet();
            }
            return local.equals(deaf) && remote.equals(leads);
          });
      await().atMost(PATIENCE).until(() -> refused.get() >= 3);
      assertThat(leading.consensus().leadsNow(epoch)).isTrue();
      assertThat(trio.early(1) + trio.early(2) + trio.early(3)).isZero();
    }
  }

  /// Ratis beats twice a lease, so that one late beat would end it.
  @Test
  void anIdleLeaderBeatsManyTimesALease() {
    var beats = new AtomicInteger();
    try (var trio = new RaftTrio(root, 1_000).election(ELECTION.multipliedBy(4))) {
      var members = List.of(trio.start(1), trio.start(2), trio.start(3));
      NodeId leads = RaftTrio.id(leader(members, Epoch.ZERO).n());
      NodeId listener = RaftTrio.id(leads.equals(RaftTrio.id(1)) ? 2 : 1);
      lost.set(
          (local, remote) -> {
            if (local.equals(listener) && remote.equals(leads)) {
              beats.incrementAndGet();
            }
            return false;
          });
      await().pollDelay(ELECTION.multipliedBy(4)).atMost(PATIENCE).until(() -> true);
      assertThat(beats.get()).isBetween(4, 12);
    }
  }
}
