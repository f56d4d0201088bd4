package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.Seal;
import io.ringrift.state.v1.SwitchMode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A change of the mode of consensus as the replicated state sees it: sealed, nothing else happens;
/// complete, every replica leaves for the other mode and this log ends, or waits for the first
/// leader of a mode that goes on with it. All at one place of the log, so all replicas leave with
/// one state.
@Pure
final class SwitchActions {
  static final Set<String> MODES = Set.of("bully", "raft", "hybrid");

  private final StateClock clock;
  private final EventRing events;

  SwitchActions(StateClock clock, EventRing events) {
    this.clock = clock;
    this.events = events;
  }

  /// The refusal of a command that a change under way does not let through.
  Optional<Decision> holds(Command command) {
    boolean ofTheSwitch = command.hasUnseal() || command.hasSwitchMode();
    if (clock.switchId().isEmpty() || (ofTheSwitch && !clock.ended())) {
      return Optional.empty();
    }
    return Optional.of(
        Decision.refused(
            Reason.MODE_SWITCH,
            "the cluster changes its mode of consensus to "
                + clock.targetMode()
                + "; nothing was done; repeat the call in a moment"));
  }

  Decision seal(Seal seal) {
    if (seal.getSwitchId().isEmpty() || seal.getSwitchId().length() > 128) {
      return Decision.invalid("switch_id", seal.getSwitchId(), "1 to 128 characters");
    }
    if (!MODES.contains(seal.getTargetMode())) {
      return Decision.invalid("target_mode", seal.getTargetMode(), "bully, raft or hybrid");
    }
    return done(() -> clock.seal(seal.getSwitchId(), seal.getTargetMode()));
  }

  Decision unseal(String switchId) {
    return clock.switchId().equals(switchId) ? done(clock::unseal) : unknown(switchId);
  }

  Decision complete(SwitchMode command) {
    return clock.switchId().equals(command.getSwitchId())
        ? done(() -> completeNow(command.getSameLog()))
        : unknown(command.getSwitchId());
  }

  private void completeNow(boolean sameLog) {
    clock.completeSwitch(sameLog);
    events.add("MODE_SWITCHED", clock.targetMode(), Map.of("switch_id", clock.switchId()));
  }

  /// A change that its leader did not complete is given up; one that is complete and goes on with
  /// this log has arrived.
  void newLeader() {
    if (!clock.switchId().isEmpty() && !clock.ended()) {
      clock.unseal();
    }
  }

  private static Decision done(Runnable change) {
    return new Decision.Change(
        () -> {
          change.run();
          return CommandResult.getDefaultInstance();
        });
  }

  private static Decision unknown(String switchId) {
    return Decision.invalid("switch_id", switchId, "the id of the change that is under way");
  }
}
