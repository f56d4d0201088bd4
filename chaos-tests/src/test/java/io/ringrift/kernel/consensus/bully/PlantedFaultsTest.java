package io.ringrift.kernel.consensus.bully;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.sim.CellFactory;
import io.ringrift.chaos.sim.Outcome;
import io.ringrift.chaos.sim.Sim;
import io.ringrift.chaos.sim.SimConfig;
import io.ringrift.chaos.sim.Violation;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// The simulation bites: each fault planted in one rule is caught by an invariant that names it,
/// over seeds that the protocol passes.
final class PlantedFaultsTest {
  private static final int SEEDS = 12;
  private static final Duration VIRTUAL = Duration.ofMinutes(20);

  @Test
  void theProtocolPassesTheSeedsThatCatchTheFaults() {
    assertThat(
            LongStream.rangeClosed(1, SEEDS)
                .mapToObj(seed -> run(seed, BullyCell.protocol()))
                .flatMap(outcome -> outcome.violation().stream()))
        .isEmpty();
  }

  @Test
  void aVoterThatForgetsItsGrantAtRestartIsCaught() {
    var forgetful =
        new Rules() {
          @Override
          Promise restored(Promise stored) {
            return Promise.NONE;
          }
        };
    assertThat(caught(forgetful)).hasValue("EpochNeverFalls");
  }

  @Test
  void aLeaseCountedFromReceiptIsCaught() {
    var fromReceipt =
        new Rules() {
          @Override
          Moment leaseStart(Moment sent, Moment granted) {
            return granted;
          }
        };
    assertThat(caught(fromReceipt)).hasValue("OneLeaseHolder");
  }

  @Test
  void anAppendWithoutThePredecessorCheckIsCaught() {
    var unchecked =
        new Rules() {
          @Override
          boolean follows(EntryLog log, LogPosition previous) {
            return true;
          }
        };
    assertThat(caught(unchecked)).hasValue("LogMatching");
  }

  @Test
  void aQuorumThatIsNoMajorityIsCaught() {
    var half =
        new Rules() {
          @Override
          int quorum(BullyConfig config) {
            return config.voters().size() / 2;
          }
        };
    assertThat(caught(half)).hasValue("QuorumOfGrants");
  }

  /// Name of the first invariant that the seeds break.
  private static Optional<String> caught(Rules rules) {
    return LongStream.rangeClosed(1, SEEDS)
        .mapToObj(seed -> run(seed, BullyCell.with(rules)))
        .map(Outcome::violation)
        .flatMap(Optional::stream)
        .map(Violation::invariant)
        .findFirst();
  }

  private static Outcome run(long seed, CellFactory cells) {
    return Sim.run(SimConfig.of(seed, 5, VIRTUAL, Timing.lan(), cells));
  }
}
