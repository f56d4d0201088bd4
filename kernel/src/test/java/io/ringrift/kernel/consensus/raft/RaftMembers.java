package io.ringrift.kernel.consensus.raft;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.consensus.ConsensusBed.Member;
import io.ringrift.kernel.consensus.ledger.Ledger;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;

/// What tests ask of voters of a `RaftTrio`, whoever leads among them.
final class RaftMembers {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private RaftMembers() {}

  /// Looks at once, and often: some tests write dozens of entries one after another.
  static ConditionFactory soon() {
    return await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
  }

  /// Waits until one of them holds an office.
  static Member leader(List<Member> members) {
    return soon()
        .until(() -> members.stream().filter(Member::leads).findFirst(), Optional::isPresent)
        .orElseThrow();
  }

  /// Offers the command until one of them has executed it: more than once, where an answer is lost.
  static Ledger.Applied propose(List<Member> members, String command) {
    return soon()
        .ignoreExceptions()
        .until(
            () -> {
              var leader = leader(members);
              var bytes = command.getBytes(UTF_8);
              var ledger = leader.consensus().ledger();
              return ledger.propose(leader.epoch(), bytes).get(3, TimeUnit.SECONDS);
            },
            applied -> applied != null);
  }

  static void holds(Member member, String command) {
    soon().until(() -> member.machine().commands.contains(command));
  }
}
