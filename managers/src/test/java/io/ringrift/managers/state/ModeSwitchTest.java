package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import io.ringrift.state.v1.ModeServiceGrpc;
import io.ringrift.state.v1.SwitchModeRequest;
import io.ringrift.state.v1.SwitchModeResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Changing the mode of consensus as operators meet it, at a leader with two other voters and a
/// worker: what cannot be seen through is undone, and the cluster takes commands again.
class ModeSwitchTest extends ReplicaBed {
  private final AtomicInteger refused = new AtomicInteger();
  private Replica worker;

  @BeforeEach
  void employ() throws IOException {
    worker = begin("w1", "w1");
  }

  @Override
  List<Member> members() {
    return Stream.concat(
            super.members().stream(), Stream.of(member("w1", MemberState.ALIVE, false)))
        .toList();
  }

  private SwitchModeResponse switchTo(String mode) {
    return ModeServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .switchMode(SwitchModeRequest.newBuilder().setTargetMode(mode).build());
  }

  private void assertRefused(Reason reason, String... words) {
    assertThatThrownBy(() -> switchTo("raft"))
        .hasMessageContainingAll(words)
        .satisfies(failure -> assertThat(reasonOf(failure)).isEqualTo(reason));
  }

  private static void assertRefused(Future<?> call, Reason reason) {
    await().until(call::isDone);
    assertThatThrownBy(call::get)
        .isInstanceOf(ExecutionException.class)
        .satisfies(
            failure ->
                assertThat(reasonOf(Objects.requireNonNull(failure.getCause()))).isEqualTo(reason));
  }

  private boolean isSealed() {
    return !state().getSwitchId().isEmpty();
  }

  /// Nothing has changed: all are here, and the next command is taken.
  private void assertUndone() {
    assertThat(isSealed()).isFalse();
    assertThat(left).isEmpty();
    assertThat(n2.left).isEmpty();
    assertThat(worker.left).isEmpty();
    assertThat(submit().getWorkId()).isNotEmpty();
  }

  private static boolean holds(byte[] entry, Predicate<Command> kind) {
    try {
      return CommandBatch.parseFrom(entry).getCommandsList().stream().anyMatch(kind);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /// The next entry with such a command is executed, and its answer gets lost.
  private void losesAnswerTo(Predicate<Command> kind) {
    var once = new AtomicBoolean(true);
    ledger.refuses =
        entry -> {
          if (holds(entry, kind) && once.getAndSet(false)) {
            ledger.losesAnswer = true;
          }
          return Optional.empty();
        };
  }

  /// Refuses entries with such a command.
  private void refuse(Predicate<Command> kind) {
    ledger.refuses =
        entry -> {
          if (!holds(entry, kind)) {
            return Optional.empty();
          }
          refused.incrementAndGet();
          return Optional.of(new Refusal(Reason.OVERLOADED, "the log is full"));
        };
  }

  private Future<SwitchModeResponse> switchWaits() {
    n3.lags = true;
    var call = threads.submit(() -> switchTo("raft"));
    await().until(this::isSealed);
    return call;
  }

  private Future<WorkItem> submitWaits() {
    var call = threads.<WorkItem>submit(() -> submit());
    await().during(Duration.ofMillis(300)).until(() -> !call.isDone());
    return call;
  }

  @Test
  void everyVoterLeavesWithOneStateAndTheWorkerIsTold() {
    submit();
    var answer = switchTo("raft");
    assertThat(answer.getFormerMode()).isEqualTo("bully");
    assertThat(answer.getStateHashesMap()).containsOnlyKeys("n1", "n2", "n3");
    assertThat(answer.getStateHashesMap().values().stream().distinct()).hasSize(1);
    assertThat(left).containsExactly("raft@1");
    assertThat(n2.left).containsExactly("raft@1");
    assertThat(n3.left).containsExactly("raft@1");
    assertThat(worker.left).containsExactly("raft@1");
  }

  @Test
  void modeInForceIsAnsweredAndNothingIsDone() {
    long before = index();
    assertThat(switchTo("bully").getStateHashesMap()).isEmpty();
    assertThat(index()).isEqualTo(before);
    assertUndone();
  }

  @Test
  void nodeThatCannotFollowEndsItBeforeTheSeal() {
    worker.obstacles = List.of("Raft needs certificates");
    long before = index();
    assertRefused(Reason.SWITCH_REFUSED, "w1", "Raft needs certificates");
    assertThat(index()).isEqualTo(before);
    assertUndone();
  }

  @Test
  void voterOutOfReachEndsItBeforeTheSeal() {
    leap = Duration.ofSeconds(1);
    n2.reachable = false;
    long before = index();
    assertRefused(Reason.SWITCH_REFUSED, "n2", "not every node can go to raft");
    assertThat(index()).isEqualTo(before);
    assertUndone();
  }

  @Test
  void unequalStatesAreRefusedAndUndone() {
    n3.damage = Replica::lost;
    submit();
    n3.damage = entry -> entry;
    assertRefused(
        Reason.SWITCH_REFUSED, "do not hold the same state", "n1=", "n2=", "n3=", "was undone");
    assertUndone();
  }

  @Test
  void voterThatNeverComesToTheSealIsRefusedAndUndone() {
    leap = Duration.ofSeconds(1);
    n3.lags = true;
    assertRefused(
        Reason.SWITCH_REFUSED, "every voter to stand at the seal", "[n1, n2] came", "was undone");
    assertUndone();
  }

  @Test
  void voterThatIsLostBehindTheSealIsRefusedAndUndone() {
    ledger.follow(
        entry -> {
          if (entry.kind() == LogEntry.Kind.COMMAND && holds(entry.payload(), Command::hasSeal)) {
            n2.reachable = false;
          }
        });
    leap = Duration.ofSeconds(1);
    assertRefused(Reason.SWITCH_REFUSED, "[n1, n3] came", "was undone");
    n2.reachable = true;
    assertUndone();
  }

  @Test
  void voterThatComesLateIsWaitedFor() throws Exception {
    var change = switchWaits();
    n3.catchUp();
    assertThat(change.get(10, TimeUnit.SECONDS).getStateHashesMap()).containsKey("n3");
    assertThat(n3.left).containsExactly("raft@1");
  }

  @Test
  void commandsDuringAChangeThatIsUndoneWaitAndAreDone() throws Exception {
    var change = switchWaits();
    var waiting = submitWaits();
    leap = Duration.ofSeconds(1);
    assertRefused(change, Reason.SWITCH_REFUSED);
    assertThat(waiting.get(10, TimeUnit.SECONDS).getWorkId()).isNotEmpty();
    assertThat(state().getWorkOrDefault("PENDING", 0)).isEqualTo(1);
  }

  /// The whole node begins again then, with every connection to it: its caller has to ask again.
  @Test
  void commandsThatWaitWhenTheLogEndsAreRefusedAndNeverDone() throws Exception {
    var change = switchWaits();
    var waiting = submitWaits();
    n3.catchUp();
    assertThat(change.get(10, TimeUnit.SECONDS).getEpoch()).isEqualTo(1);
    assertThat(waiting).isNotDone();
    long ended = index();
    consensus.follow("n2", 2);
    assertRefused(waiting, Reason.NOT_LEADER);
    assertThat(index()).isEqualTo(ended);
    assertThat(state().getWorkOrDefault("PENDING", 0)).isZero();
  }

  @Test
  void secondChangeIsRefusedWhileOneIsUnderWay() throws Exception {
    var change = switchWaits();
    assertRefused(Reason.SWITCH_REFUSED, "another change of mode is under way");
    n3.catchUp();
    assertThat(change.get(10, TimeUnit.SECONDS).getEpoch()).isEqualTo(1);
  }

  @Test
  void sealThatIsNotKnownToBeTakenIsUndone() {
    losesAnswerTo(Command::hasSeal);
    assertRefused(Reason.OUTCOME_UNKNOWN, "lost");
    assertUndone();
    assertThat(switchTo("raft").getStateHashesMap()).hasSize(3);
  }

  @Test
  void sealThatIsRefusedLeavesNothing() {
    refuse(Command::hasSeal);
    assertRefused(Reason.OVERLOADED, "the log is full");
    assertUndone();
  }

  @Test
  void unsealingThatIsRefusedIsTriedAgainBeforeAnythingElseIsTaken() throws Exception {
    refuse(Command::hasUnseal);
    var change = switchWaits();
    var waiting = submitWaits();
    leap = Duration.ofSeconds(1);
    await().until(() -> refused.get() >= 3);
    assertThat(change).isNotDone();
    assertThat(waiting).isNotDone();
    ledger.refuses = _ -> Optional.empty();
    assertRefused(change, Reason.SWITCH_REFUSED);
    assertThat(waiting.get(10, TimeUnit.SECONDS).getWorkId()).isNotEmpty();
    assertUndone();
  }

  @Test
  void unsealingThatIsRepeatedIsDoneOnce() {
    losesAnswerTo(Command::hasUnseal);
    n3.lags = true;
    leap = Duration.ofSeconds(1);
    assertRefused(Reason.SWITCH_REFUSED, "was undone");
    assertThat(ledger.proposals.stream().filter(entry -> holds(entry, Command::hasUnseal)))
        .hasSize(2);
    assertUndone();
  }

  @Test
  void changeThatFailsAgainAndAgainIsUndoneEachTime() {
    leap = Duration.ofSeconds(1);
    n3.lags = true;
    for (int i = 0; i < 3; i++) {
      assertRefused(Reason.SWITCH_REFUSED, "was undone");
      assertUndone();
    }
    n3.catchUp();
    assertThat(switchTo("raft").getStateHashesMap()).hasSize(3);
  }

  @Test
  void leaderThatIsLostWhileItUndoesLeavesItToTheNext() {
    refuse(Command::hasUnseal);
    var change = switchWaits();
    var waiting = submitWaits();
    leap = Duration.ofSeconds(1);
    await().until(() -> refused.get() > 0);
    consensus.follow("n2", 2);
    assertRefused(change, Reason.SWITCH_REFUSED);
    assertRefused(waiting, Reason.NOT_LEADER);
    assertThat(isSealed()).isTrue();
    consensus.lead(3);
    assertUndone();
  }

  @Test
  void decisionThatIsNotKnownToBeTakenIsNotTakenBack() {
    losesAnswerTo(Command::hasSwitchMode);
    var change = threads.submit(() -> switchTo("raft"));
    await().until(() -> left.contains("raft@1"));
    var waiting = threads.<WorkItem>submit(() -> submit());
    await().during(Duration.ofMillis(300)).until(() -> !change.isDone() && !waiting.isDone());
    assertThat(isSealed()).isTrue();
    consensus.follow("n2", 2);
    assertRefused(change, Reason.OUTCOME_UNKNOWN);
    assertRefused(waiting, Reason.NOT_LEADER);
  }

  @Test
  void nodeThatDoesNotLeadChangesNothing() {
    consensus.follow("n2", 2);
    assertRefused(Reason.NOT_LEADER, "does not lead");
    assertThat(isSealed()).isFalse();
  }
}
