package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.BeginVoterChange;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.EndVoterChange;
import io.ringrift.state.v1.Seal;
import io.ringrift.state.v1.UndoVoterChange;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A change of the voters, as every replica sees it in the log.
class VoterRulesTest {
  private final Ledgers ledger = new Ledgers();

  private CommandResult begin(String id, String... voters) {
    var list = VoterList.newBuilder();
    for (String voter : voters) {
      list.addVoters(entry(voter));
    }
    return begin(id, list);
  }

  private static VoterEntry.Builder entry(String voter) {
    return VoterEntry.newBuilder()
        .setNodeId(voter)
        .setHost("h")
        .setPort(8770)
        .setRaftPort(4321)
        .setSwimPort(7947);
  }

  private CommandResult begin(String id, VoterList.Builder list) {
    return ledger.apply(
        Command.newBuilder()
            .setBeginVoterChange(BeginVoterChange.newBuilder().setChangeId(id).setVoters(list)));
  }

  private CommandResult end(String id, long byVersion) {
    return ledger.apply(
        Command.newBuilder()
            .setEndVoterChange(
                EndVoterChange.newBuilder().setChangeId(id).setByVersion(byVersion)));
  }

  private CommandResult undo(String id) {
    return ledger.apply(
        Command.newBuilder().setUndoVoterChange(UndoVoterChange.newBuilder().setChangeId(id)));
  }

  private void assertTaken(CommandResult result) {
    assertThat(result.getReason()).isEmpty();
  }

  private void assertRefused(CommandResult result, Reason reason) {
    assertThat(result.getReason()).isEqualTo(reason.name());
  }

  private List<String> decided() {
    return ledger.state.clock().voters().getDecided().getVotersList().stream()
        .map(VoterEntry::getNodeId)
        .toList();
  }

  @Test
  void nothingIsDecidedBeforeTheEnd() {
    assertTaken(begin("c1", "n1", "n2"));
    assertThat(decided()).isEmpty();
    assertTaken(end("c1", 0));
    assertThat(decided()).containsExactly("n1", "n2");
    assertThat(ledger.state.clock().voters().getDecided().getVersion()).isEqualTo(1);
    assertThat(ledger.state.clock().voters().hasPending()).isFalse();
  }

  @Test
  void everyListComesOfTheFirstChange() {
    begin("c1", "n1", "n2");
    undo("c1");
    begin("c2", "n1", "n2");
    end("c2", 0);
    assertThat(ledger.state.clock().voters().getDecided().getLineage()).isEqualTo("c2");
    begin("c3", "n1");
    end("c3", 2);
    assertThat(ledger.state.clock().voters().getDecided().getLineage()).isEqualTo("c2");
  }

  @Test
  void secondChangeWaitsForTheFirst() {
    begin("c1", "n1", "n2");
    assertRefused(begin("c2", "n1"), Reason.VOTERS_REFUSED);
    assertRefused(end("c2", 0), Reason.INVALID_ARGUMENT);
    assertTaken(end("c1", 0));
    assertTaken(begin("c2", "n1"));
  }

  @Test
  void listChangesByOneVoterOnly() {
    begin("c1", "n1", "n2", "n3");
    end("c1", 0);
    assertRefused(begin("c2", "n1"), Reason.INVALID_ARGUMENT);
    assertRefused(begin("c2", "n1", "n2", "n4"), Reason.INVALID_ARGUMENT);
    assertRefused(begin("c2", "n1", "n2", "n3"), Reason.INVALID_ARGUMENT);
    assertRefused(begin("c2"), Reason.INVALID_ARGUMENT);
    assertTaken(begin("c2", "n1", "n2", "n3", "n4"));
  }

  @Test
  void voterThatNobodyCouldDialIsRefusedByItsField() {
    for (var wrong :
        List.of(
            entry("n 2").clearNodeId(),
            entry("n2").clearHost(),
            entry("n2").setHost("a b"),
            entry("n2").setHost("h".repeat(254)),
            entry("n2").setPort(0),
            entry("n2").setRaftPort(65536),
            entry("n2").setSwimPort(-1))) {
      var list = VoterList.newBuilder().addVoters(entry("n1")).addVoters(wrong);
      assertRefused(begin("c1", list), Reason.INVALID_ARGUMENT);
    }
    assertTaken(begin("c1", VoterList.newBuilder().addVoters(entry("n1")).addVoters(entry("n2"))));
  }

  @Test
  void majorityOfAnOlderListDecidesNoLaterOne() {
    begin("c1", "n1", "n2");
    end("c1", 0);
    assertTaken(begin("c2", "n1"));
    assertRefused(end("c2", 0), Reason.VOTERS_REFUSED);
    assertThat(decided()).containsExactly("n1", "n2");
    assertTaken(end("c2", 1));
  }

  @Test
  void changeThatWasGivenUpLeavesItsNumberUnused() {
    begin("c1", "n1", "n2");
    assertTaken(undo("c1"));
    assertThat(decided()).isEmpty();
    assertRefused(end("c1", 0), Reason.INVALID_ARGUMENT);
    begin("c2", "n1", "n2", "n3");
    end("c2", 0);
    assertThat(ledger.state.clock().voters().getDecided().getVersion()).isEqualTo(2);
  }

  @Test
  void changeOutlivesItsLeader() {
    begin("c1", "n1", "n2");
    ledger.lead("n2");
    assertTaken(end("c1", 0));
  }

  @Test
  void modeDoesNotChangeMeanwhile() {
    begin("c1", "n1", "n2");
    assertRefused(
        ledger.apply(
            Command.newBuilder()
                .setSeal(Seal.newBuilder().setSwitchId("s1").setTargetMode("raft"))),
        Reason.SWITCH_REFUSED);
  }
}
