package io.ringrift.managers.state;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Commands that pass all that wait, and are waited for. Blocks.
final class LedgerPass {
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private LedgerPass() {}

  /// @return index of its entry
  /// @throws Refusal the command's own, or the ledger's, or OUTCOME_UNKNOWN after 10 s
  static long through(CommandPipeline pipeline, Epoch epoch, Command.Builder command)
      throws InterruptedException {
    try {
      CommandResult result =
          pipeline.pass(command.build(), epoch).get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
      if (!result.getReason().isEmpty()) {
        throw StateRpc.refusal(result);
      }
      return result.getIndex();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Refusal refusal) {
        throw refusal;
      }
      throw new IllegalStateException("the ledger failed", e.getCause());
    } catch (TimeoutException e) {
      throw new Refusal(Reason.OUTCOME_UNKNOWN, "no answer from the ledger within " + LONGEST, e);
    }
  }

  /// Makes the followers hear of what is committed.
  ///
  /// @return whether a majority still follows
  static boolean barrier(Consensus consensus, Duration longest) throws InterruptedException {
    try {
      var _ = consensus.ledger().barrier().get(longest.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }
}
