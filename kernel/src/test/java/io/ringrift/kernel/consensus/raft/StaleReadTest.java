package io.ringrift.kernel.consensus.raft;

import static io.ringrift.kernel.consensus.raft.RaftMembers.leader;
import static io.ringrift.kernel.consensus.raft.RaftMembers.propose;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ConsensusBed.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Ratis answers a read from a commit index that a majority confirmed once, in this leadership,
/// however long ago (DEPENDENCIES 4.4). Without its lease that shows under a partition, and is what
/// this shows; the lease only makes it rarer, which is not tried here. The barrier is an entry of
/// the log, and an office ends before another leads: neither is stale.
@Timeout(300)
final class StaleReadTest {
  private static final int ROUNDS = 12;

  /// Cut off from the others.
  private final AtomicReference<Optional<NodeId>> isolated =
      new AtomicReference<>(Optional.empty());

  /// Beyond the numbers of what the ledger offers.
  private final AtomicLong calls = new AtomicLong(1L << 40);

  @TempDir Path root;

  private void inject() {
    CodeInjectionForTesting.put(
        GuardedService.RECEIVE,
        (local, remote, _) -> {
          Optional<NodeId> cut = isolated.get();
          return cut.isPresent() && cut.get().equals(local) != cut.get().equals(remote);
        });
  }

  @AfterEach
  void heal() {
    CodeInjectionForTesting.remove(GuardedService.RECEIVE);
  }

  private static RaftProperties withoutLease(RaftProperties properties) {
    RaftServerConfigKeys.Read.setLeaderLeaseEnabled(properties, false);
    RaftServerConfigKeys.Rpc.setTimeoutMax(properties, RaftTuning.time(Duration.ofSeconds(3)));
    return properties;
  }

  private static boolean answers(CompletableFuture<?> read) throws InterruptedException {
    try {
      return !(read.get(2, TimeUnit.SECONDS) instanceof RaftClientReply reply) || reply.isSuccess();
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private CompletableFuture<RaftClientReply> readByRatis(RaftTrio trio, Member leader)
      throws IOException {
    var division = trio.raft(leader.n()).division().orElseThrow();
    return division.read(calls.incrementAndGet());
  }

  /// As the level `leader` reads: the state first, then whether the office still runs.
  private static boolean staleByLease(Member old, Epoch epoch, String written) {
    return !old.machine().commands.contains(written) && old.consensus().leadsNow(epoch);
  }

  @Test
  void ratisReadsGoStaleUnderAPartitionAndOursNever() throws Exception {
    inject();
    int staleByRatis = 0;
    var stale = new ArrayList<String>();
    try (var trio = new RaftTrio(root, 1_000).tuned(StaleReadTest::withoutLease)) {
      var members = List.of(trio.start(1), trio.start(2), trio.start(3));
      for (int round = 0; round < ROUNDS && staleByRatis == 0; round++) {
        propose(members, "before" + round);
        var old = leader(members);
        Epoch epoch = old.consensus().leadership().epoch();
        var others = members.stream().filter(m -> m.n() != old.n()).toList();
        assertThat(answers(readByRatis(trio, old))).isTrue();
        isolated.set(Optional.of(RaftTrio.id(old.n())));
        String written = "behind" + round;
        propose(others, written);
        if (staleByLease(old, epoch, written)) {
          stale.add(written + " by the lease");
        }
        var barrier = old.consensus().ledger().barrier();
        while (answers(readByRatis(trio, old)) && !old.machine().commands.contains(written)) {
          staleByRatis++;
        }
        if (answers(barrier) && !old.machine().commands.contains(written)) {
          stale.add(written + " by a barrier");
        }
        isolated.set(Optional.empty());
        propose(members, "after" + round);
      }
    }
    assertThat(staleByRatis).as("the hole is still there: keep barriers").isPositive();
    assertThat(stale).isEmpty();
  }
}
