package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Raft takes other voters only in the place of those that the caller means, and the same call
/// again changes nothing.
@Timeout(120)
final class ReconfigurationTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final List<NodeId> ALL =
      IntStream.rangeClosed(1, 3).mapToObj(RaftTrio::id).toList();

  @TempDir Path root;

  private static Consensus leader(List<Consensus> voters) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> voters.stream().filter(c -> c.leadsNow(c.leadership().epoch())).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private static List<NodeId> without(NodeId voter) {
    return ALL.stream().filter(id -> !id.equals(voter)).toList();
  }

  @Test
  void votersAreReplacedOnlyWhereTheyAreThoseThatTheCallerMeans() {
    try (var trio = new RaftTrio(root, 1_000)) {
      var leader =
          leader(IntStream.rangeClosed(1, 3).mapToObj(n -> trio.start(n).consensus()).toList());
      NodeId self = leader.leadership().leader().orElseThrow();
      NodeId goes = without(self).getFirst();
      List<NodeId> rest = without(goes);
      await().atMost(PATIENCE).until(() -> leader.electorate().equals(ALL));

      assertThatThrownBy(() -> leader.reconfigure(without(without(self).getLast()), rest))
          .isInstanceOfSatisfying(
              Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.VOTERS_REFUSED));
      assertThat(leader.electorate()).isEqualTo(ALL);

      leader.reconfigure(ALL, rest);
      await().atMost(PATIENCE).until(() -> leader.electorate().equals(rest));
      leader.reconfigure(ALL, rest);
      assertThat(leader.electorate()).isEqualTo(rest);
    }
  }
}
