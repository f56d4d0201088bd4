package io.ringrift.kernel.consensus;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;

/// What a node that does not lead says.
public final class Refusals {
  private Refusals() {}

  public static Refusal notLeader(Leadership leadership, String what) {
    if (leadership.leader().isEmpty()) {
      return new Refusal(
          Reason.NOT_LEADER,
          "cannot "
              + what
              + " here: this node does not lead and knows of no leader; try again soon");
    }
    String leader = leadership.leader().get().value();
    return new Refusal(
            Reason.NOT_LEADER,
            "cannot " + what + " here: " + leader + " leads in epoch " + leadership.epoch())
        .with("leader_id", leader);
  }

  public static Refusal staleEpoch(Leadership leadership, Epoch claimed) {
    return new Refusal(
            Reason.STALE_EPOCH,
            "command of epoch " + claimed + " refused: this node leads in " + leadership.epoch())
        .with("current_epoch", leadership.epoch().toString());
  }

  public static Refusal shuttingDown() {
    return new Refusal(Reason.SHUTTING_DOWN, "this node is shutting down; ask another");
  }

  public static boolean ofTheDisk(Refusal refusal) {
    return refusal.reason() == Reason.DISK_FULL || refusal.reason() == Reason.STORAGE_FAILED;
  }
}
