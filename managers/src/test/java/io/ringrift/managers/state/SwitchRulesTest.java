package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.Seal;
import io.ringrift.state.v1.SwitchMode;
import io.ringrift.state.v1.Unseal;
import org.junit.jupiter.api.Test;

/// A change of the mode of consensus, as every replica sees it in the log.
class SwitchRulesTest {
  private final Ledgers ledger = new Ledgers();

  private CommandResult seal(String target) {
    return ledger.apply(
        Command.newBuilder().setSeal(Seal.newBuilder().setSwitchId("s1").setTargetMode(target)));
  }

  private CommandResult complete(String id, boolean sameLog) {
    return ledger.apply(
        Command.newBuilder()
            .setSwitchMode(SwitchMode.newBuilder().setSwitchId(id).setSameLog(sameLog)));
  }

  private CommandResult add(String id) {
    return ledger.addWork(id, Ledgers.selfplay());
  }

  private void assertHeld(CommandResult result) {
    assertThat(result.getReason()).isEqualTo(Reason.MODE_SWITCH.name());
  }

  private void assertTaken(CommandResult result) {
    assertThat(result.getReason()).isEmpty();
  }

  @Test
  void sealedStateTakesNothingElse() {
    seal("raft");
    assertHeld(add("w1"));
    assertThat(ledger.state.work().get("w1")).isNull();
  }

  @Test
  void whatComesWhileSealedIsNotAnsweredFromMemory() {
    var unknown =
        Command.newBuilder()
            .setEpoch(ledger.epoch())
            .setUnseal(Unseal.newBuilder().setSwitchId("other"))
            .build();
    assertThat(ledger.state.preview(unknown)).isPresent();
    seal("raft");
    var claim = Command.newBuilder().setEpoch(ledger.epoch()).build();
    assertThat(ledger.state.preview(claim)).isEmpty();
  }

  @Test
  void changeThatIsGivenUpLetsEverythingThroughAgain() {
    seal("raft");
    ledger.apply(Command.newBuilder().setUnseal(Unseal.newBuilder().setSwitchId("s1")));
    assertTaken(add("w1"));
    assertThat(ledger.state.clock().mode()).isEmpty();
  }

  @Test
  void newLeaderGivesUpWhatTheFormerDidNotComplete() {
    seal("raft");
    ledger.lead("n2");
    assertTaken(add("w1"));
    assertThat(complete("s1", false).getReason()).isEqualTo(Reason.INVALID_ARGUMENT.name());
  }

  @Test
  void logThatEndedStaysEndedUnderEveryLeader() {
    seal("raft");
    assertTaken(complete("s1", false));
    assertHeld(add("w1"));
    ledger.lead("n2");
    assertHeld(add("w1"));
    assertHeld(ledger.apply(Command.newBuilder().setUnseal(Unseal.newBuilder().setSwitchId("s1"))));
    assertThat(ledger.state.clock().mode()).isEqualTo("raft");
    assertThat(ledger.state.clock().modeEpoch()).isEqualTo(1);
  }

  @Test
  void logThatTheOtherModeSharesGoesOnWithItsFirstLeader() {
    seal("hybrid");
    assertTaken(complete("s1", true));
    assertHeld(add("w1"));
    ledger.lead("n2");
    assertTaken(add("w1"));
    assertThat(ledger.state.clock().mode()).isEqualTo("hybrid");
  }

  @Test
  void secondSealIsHeldLikeEverythingElse() {
    seal("raft");
    assertHeld(seal("hybrid"));
    assertThat(ledger.state.clock().targetMode()).isEqualTo("raft");
  }

  @Test
  void unknownModeIsRefused() {
    assertThat(seal("paxos").getReason()).isEqualTo(Reason.INVALID_ARGUMENT.name());
    assertTaken(add("w1"));
  }
}
