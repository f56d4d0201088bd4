package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.AddVoterRequest;
import io.ringrift.state.v1.AddVoterResponse;
import io.ringrift.state.v1.BeginVoterChange;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import io.ringrift.state.v1.GetVoterListRequest;
import io.ringrift.state.v1.GetVoterListResponse;
import io.ringrift.state.v1.ListVotersRequest;
import io.ringrift.state.v1.RemoveVoterRequest;
import io.ringrift.state.v1.RemoveVoterResponse;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import io.ringrift.state.v1.VoterServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// Changing the voters as operators meet it, at a leader that is the only voter.
class VoterChangeTest extends QueueBed {
  private final ConcurrentLinkedQueue<GetVoterListResponse> heard = new ConcurrentLinkedQueue<>();
  private List<String> obstacles = List.of();

  /// How often it was looked for what is in the node's way.
  private final AtomicInteger looks = new AtomicInteger();

  private volatile MemberState stateOfN2 = MemberState.ALIVE;

  private static VoterEntry entry(String node) {
    return VoterEntry.newBuilder()
        .setNodeId(node)
        .setHost("h")
        .setPort(1)
        .setRaftPort(2)
        .setSwimPort(3)
        .build();
  }

  @Override
  VoterHooks voterHooks() {
    return new VoterHooks(
        VoterList.newBuilder().addVoters(entry("n1")).build(),
        ids("n1", "n3"),
        0,
        "lab",
        Optional.of(entry("n2")),
        () -> {
          looks.incrementAndGet();
          return obstacles;
        },
        heard::add);
  }

  private static List<NodeId> ids(String... names) {
    return Stream.of(names).map(NodeId::new).toList();
  }

  @Override
  List<Member> members() {
    return List.of(
        member("n2", stateOfN2, false),
        member("n5", MemberState.ALIVE, true),
        member("n6", MemberState.DEAD, false));
  }

  private VoterServiceGrpc.VoterServiceBlockingStub voters() {
    return VoterServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private AddVoterResponse add(String node) {
    return voters().addVoter(AddVoterRequest.newBuilder().setNodeId(node).build());
  }

  private RemoveVoterResponse remove(String node) {
    return voters().removeVoter(RemoveVoterRequest.newBuilder().setNodeId(node).build());
  }

  private static void assertRefused(ThrowingCallable call, Reason reason, String rule) {
    assertThatThrownBy(call)
        .hasMessageContaining(rule)
        .satisfies(failure -> assertThat(reasonOf(failure)).isEqualTo(reason));
  }

  private List<String> listed() {
    return voters().listVoters(ListVotersRequest.getDefaultInstance()).getVotersList().stream()
        .map(state -> state.getVoter().getNodeId())
        .toList();
  }

  /// A look binds the port of Raft, which two at once would hold against each other.
  @Test
  void whoWaitsForANodeToTakePartDoesNotLookForWhatIsInItsWay() {
    var change = addWaits();
    await().during(Duration.ofMillis(400)).until(() -> looks.get() == 1);
    consensus.follow("n2", 2);
    consensus.lead(3);
    assertThatThrownBy(() -> change.get(10, TimeUnit.SECONDS)).isNotNull();
    await().until(() -> !underWay());
  }

  @Test
  void decidedListIsListedAndToldToTheNode() {
    assertThat(listed()).containsExactly("n1");
    assertThat(add("n2").getVoters().getVersion()).isEqualTo(1);
    assertThat(listed()).containsExactly("n1", "n2");
    assertThat(heard).anySatisfy(h -> assertThat(h.getDecided().getVersion()).isEqualTo(1));
    var told = voters().getVoterList(GetVoterListRequest.getDefaultInstance());
    assertThat(told.getDecided().getVotersList()).containsExactly(entry("n1"), entry("n2"));
    assertThat(told.getLogId()).isEqualTo("lab");
  }

  @Test
  void nextChangeWaitsUntilThisNodeGoesByTheLast() {
    add("n2");
    assertRefused(() -> remove("n1"), Reason.VOTERS_REFUSED, "another change");
  }

  @Test
  void changeThatIsRepeatedIsAnsweredWithTheListAsItIs() {
    assertThat(remove("n2").getAlready()).isTrue();
    assertThat(add("n1").getAlready()).isTrue();
    var added = add("n2");
    assertThat(added.getAlready()).isFalse();
    var again = add("n2");
    assertThat(again.getAlready()).isTrue();
    assertThat(again.getVoters()).isEqualTo(added.getVoters());
    assertThat(again.getVoters().getVersion()).isEqualTo(1);
  }

  @Test
  void whoCannotBeAVoterIsRefusedWithTheRule() {
    assertRefused(() -> add("n9"), Reason.INVALID_ARGUMENT, "a member that is alive");
    assertRefused(() -> add("n6"), Reason.INVALID_ARGUMENT, "a member that is alive");
    assertRefused(() -> add("n5"), Reason.INVALID_ARGUMENT, "not outbound-only");
    obstacles = List.of("Raft needs certificates");
    assertRefused(() -> add("n2"), Reason.VOTERS_REFUSED, "Raft needs certificates");
    assertThat(listed()).containsExactly("n1");
  }

  @Test
  void whoCannotGoIsRefusedWithTheRule() {
    assertRefused(() -> remove("n1"), Reason.INVALID_ARGUMENT, "not the last voter");
    assertRefused(() -> remove("n 1"), Reason.INVALID_ARGUMENT, "A-Z a-z 0-9");
  }

  private boolean underWay() {
    return voters().listVoters(ListVotersRequest.getDefaultInstance()).hasPending();
  }

  /// Asks for a change that waits for its newcomer, which does not begin again.
  private Future<AddVoterResponse> addWaits() {
    consensus.inLog = ids("n1");
    var change = threads.submit(() -> add("n2"));
    await().until(this::underWay);
    return change;
  }

  @Test
  void changeIsGivenUpWhenItIsNotKnownHowItBegan() {
    ledger.losesAnswer = true;
    assertRefused(() -> add("n2"), Reason.OUTCOME_UNKNOWN, "lost");
    assertThat(underWay()).isFalse();
    assertThat(add("n2").getVoters().getVersion()).isEqualTo(2);
  }

  @Test
  void newcomerThatBeginsAgainBehindAChangeThatWasGivenUpIsWaitedFor() {
    ledger.losesAnswer = true;
    assertRefused(() -> add("n2"), Reason.OUTCOME_UNKNOWN, "lost");
    stateOfN2 = MemberState.LEFT;
    var again = threads.submit(() -> add("n2"));
    await().during(Duration.ofMillis(300)).until(() -> !again.isDone());
    stateOfN2 = MemberState.ALIVE;
    await().until(again::isDone);
    assertThat(again.resultNow().getVoters().getVersion()).isEqualTo(2);
  }

  @Test
  void raftIsNotAskedForAChangeThatAnotherEpochGaveUp() {
    var change = addWaits();
    consensus.follow("n2", 2);
    consensus.lead(3);
    assertThatThrownBy(() -> change.get(10, TimeUnit.SECONDS))
        .hasMessageContaining("leadership moved")
        .satisfies(
            failure ->
                assertThat(reasonOf(Objects.requireNonNull(failure.getCause())))
                    .isEqualTo(Reason.NOT_LEADER));
    await().until(() -> !underWay());
    assertThat(consensus.reconfigured).isEmpty();
  }

  @Test
  void changeThatRaftTookIsEndedByTheNextLeader() {
    var change = addWaits();
    consensus.inLog = ids("n1", "n2");
    consensus.follow("n2", 2);
    consensus.lead(3);
    assertThatThrownBy(() -> change.get(10, TimeUnit.SECONDS)).isNotNull();
    await().untilAsserted(() -> assertThat(listed()).containsExactly("n1", "n2"));
  }

  @Test
  void callerOfANewLeaderWaitsUntilItHasSettledWhatTheLastOneLeft() {
    var change = addWaits();
    consensus.between = true;
    consensus.follow("n2", 2);
    consensus.lead(3);
    assertThatThrownBy(() -> change.get(10, TimeUnit.SECONDS)).isNotNull();
    var next = threads.submit(() -> remove("n2"));
    await().during(Duration.ofMillis(300)).until(() -> !next.isDone());
    consensus.between = false;
    await().until(next::isDone);
    assertThat(next.resultNow().getAlready()).isTrue();
    assertThat(underWay()).isFalse();
  }

  @Test
  void votersThatRaftTookLateAreTakenBack() {
    var change = addWaits();
    consensus.follow("n2", 2);
    consensus.lead(3);
    assertThatThrownBy(() -> change.get(10, TimeUnit.SECONDS)).isNotNull();
    await().until(() -> !underWay());

    consensus.inLog = ids("n1", "n2");
    consensus.follow("n2", 4);
    consensus.lead(5);
    await().untilAsserted(() -> assertThat(consensus.reconfigured).containsExactly(ids("n1")));
  }

  @Test
  void everyVoterMakesTheNewcomerKnown() {
    consensus.inLog = ids("n1");
    consensus.follow("n2", 2);
    var list = VoterList.newBuilder().addVoters(entry("n1")).addVoters(entry("n2"));
    var _ =
        ledger.propose(
            new Epoch(1),
            CommandBatch.newBuilder()
                .addCommands(
                    Command.newBuilder()
                        .setEpoch(1)
                        .setLedgerMillis(1)
                        .setWallMillis(1)
                        .setBeginVoterChange(
                            BeginVoterChange.newBuilder().setChangeId("c").setVoters(list)))
                .build()
                .toByteArray());
    await()
        .untilAsserted(
            () ->
                assertThat(consensus.introduced)
                    .containsEntry(new NodeId("n2"), new Endpoint("h", 2)));
    consensus.lead(3); // gives the change up
    await().until(() -> !underWay());
    await().untilAsserted(() -> assertThat(consensus.introduced).isEmpty());
  }

  @Test
  void decidedListIsTakenFromVotersAndTheLeaderOnly() {
    var self = new NodeId("n1");
    assertThat(VoterNews.sources(ids("n1", "n2"), ids("n2", "n3"), Optional.empty(), self))
        .containsExactlyElementsOf(ids("n2", "n3"));
    assertThat(VoterNews.sources(ids("n2"), ids("n2"), Optional.of(new NodeId("n9")), self))
        .containsExactlyElementsOf(ids("n2", "n9"));
  }

  @Test
  void nodeThatDoesNotLeadChangesNothing() {
    consensus.follow("n2", 2);
    assertRefused(() -> add("n2"), Reason.NOT_LEADER, "does not lead");
  }
}
