package io.ringrift.kernel.consensus.raft;

import static io.ringrift.kernel.consensus.raft.RaftMembers.PATIENCE;
import static io.ringrift.kernel.consensus.raft.RaftMembers.leader;
import static io.ringrift.kernel.consensus.raft.RaftMembers.propose;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ConsensusBed.Member;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiPredicate;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Reads of the level `leader` at a leader that is cut off: the local state, with the office asked
/// before and after, as `ReadLevels` of the managers does it.
@Timeout(300)
final class LeaderReadTest {
  private static final Duration ELECTION = Duration.ofSeconds(1);
  private static final int ROUNDS = 3;
  private static final Ticker TICKER = Ticker.system();

  /// Which links are cut.
  private volatile BiPredicate<NodeId, NodeId> cut = (_, _) -> false;

  @TempDir Path root;

  private RaftTrio trio;
  private List<Member> members;

  /// One read that was served.
  ///
  /// @param begun before the office was asked
  private record Served(Moment begun, Set<String> commands) {}

  @BeforeEach
  void start() {
    CodeInjectionForTesting.put(
        GuardedService.RECEIVE, (local, remote, _) -> cut.test((NodeId) local, (NodeId) remote));
    trio = new RaftTrio(root, 1_000).election(ELECTION).tickers(_ -> TICKER);
    members = List.of(trio.start(1), trio.start(2), trio.start(3));
  }

  @AfterEach
  void end() {
    CodeInjectionForTesting.remove(GuardedService.RECEIVE);
    trio.close();
  }

  private static Optional<Served> read(Member leader, Epoch epoch) {
    Moment begun = TICKER.now();
    if (!leader.consensus().leadsNow(epoch)) {
      return Optional.empty();
    }
    var commands = Set.copyOf(leader.machine().commands);
    return leader.consensus().leadsNow(epoch)
        ? Optional.of(new Served(begun, commands))
        : Optional.empty();
  }

  /// Reads again and again until one is refused, on a thread of its own: on two processors the
  /// common pool has one, which Ratis needs to elect anybody.
  private static CompletableFuture<List<Served>> readUntilRefused(Member leader, Epoch epoch) {
    return CompletableFuture.supplyAsync(
        () -> {
          var served = new ArrayList<Served>();
          for (var next = read(leader, epoch); next.isPresent(); next = read(leader, epoch)) {
            served.add(next.get());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
          }
          return served;
        },
        Thread.ofPlatform().daemon()::start);
  }

  @Test
  void whileACutOffLeaderServesReadsNobodyElseHasAcknowledgedANewerWrite() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      propose(members, "before" + round);
      var old = leader(members);
      NodeId alone = RaftTrio.id(old.n());
      var others = members.stream().filter(m -> m.n() != old.n()).toList();
      var reads = readUntilRefused(old, old.consensus().leadership().epoch());
      cut = (a, b) -> a.equals(alone) != b.equals(alone);

      String written = "behind" + round;
      propose(others, written);
      Moment acknowledged = TICKER.now();

      assertThat(reads.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .isNotEmpty()
          .allMatch(
              read -> read.begun().isBefore(acknowledged) || read.commands().contains(written));
      cut = (_, _) -> false;
      propose(members, "after" + round);
    }
  }

  @Test
  void aLeaderWithoutItsMajorityRefusesReadsOnceItsLeaseIsOverThoughNobodySucceedsIt()
      throws Exception {
    propose(members, "before");
    var leader = leader(members);
    Epoch epoch = leader.consensus().leadership().epoch();
    var reads = readUntilRefused(leader, epoch);
    cut = (_, _) -> true;
    Moment over = TICKER.now().plus(ELECTION);

    assertThat(reads.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isNotEmpty()
        .allMatch(read -> read.begun().isBefore(over));
    assertThat(read(leader, epoch)).isEmpty();
    assertThat(members).noneMatch(m -> m.consensus().leadsNow(m.consensus().leadership().epoch()));
  }
}
