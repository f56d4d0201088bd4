package io.ringrift.kernel.consensus.raft;

import static io.ringrift.kernel.consensus.raft.RaftMembers.PATIENCE;
import static io.ringrift.kernel.consensus.raft.RaftMembers.holds;
import static io.ringrift.kernel.consensus.raft.RaftMembers.leader;
import static io.ringrift.kernel.consensus.raft.RaftMembers.propose;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ConsensusBed.Member;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A leader whose state machine hangs: its heartbeats go on, so its followers notice nothing.
@Timeout(180)
final class RaftStuckTest {

  /// A division that is missing is opened again once a second.
  private static final Duration RETRIES = Duration.ofSeconds(3);

  @TempDir Path root;
  private final List<HeldMachine> machines =
      IntStream.rangeClosed(1, 3).mapToObj(_ -> new HeldMachine()).toList();
  private Optional<HeldMachine> held = Optional.empty();
  private RaftTrio trio;
  private List<Member> members;
  private Member old;

  @BeforeEach
  void start() {
    trio = new RaftTrio(root, 1_000);
    members =
        IntStream.rangeClosed(1, 3).mapToObj(n -> trio.start(n, machines.get(n - 1))).toList();
    propose(members, "a");
    old = leader(members);
  }

  @AfterEach
  void stop() {
    release();
    trio.close();
  }

  private void hang() {
    hang(old);
  }

  private void hang(Member voter) {
    var machine = machines.get(voter.n() - 1);
    machine.hold();
    held = Optional.of(machine);
  }

  private void release() {
    held.ifPresent(HeldMachine::release);
    held = Optional.empty();
  }

  private List<Member> others() {
    return members.stream().filter(m -> m.n() != old.n()).toList();
  }

  private String heldBack() {
    return heldBack(old);
  }

  private String heldBack(Member voter) {
    return trio.raft(voter.n()).status().heldBack();
  }

  @Test
  void aLeaderThatExecutesNothingGivesWayHoldsBackAndComesBack() {
    var epoch = old.consensus().leadership().epoch();
    hang();
    var open = old.consensus().ledger().propose(epoch, "x".getBytes(UTF_8));
    propose(others(), "b");
    assertThat(old.consensus().leadsNow(epoch)).isFalse();
    assertThat(trio.raft(old.n()).status().initialized()).as("its division goes on").isTrue();
    await().atMost(PATIENCE).until(() -> heldBack().contains("executed no further than entry"));
    assertThat(trio.stuck(old.n())).isEqualTo(1);
    assertThat(old.events())
        .anyMatch(
            e ->
                e instanceof LeadershipEvent.DutiesClosed(var of, var cause)
                    && of.equals(epoch)
                    && cause.contains("executed no further"));
    assertThatThrownBy(open::get)
        .cause()
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.OUTCOME_UNKNOWN));
    isNotNominated();
    release();
    holds(old, "b");
    await().atMost(PATIENCE).until(() -> heldBack().isEmpty());
    assertThat(old.machine().commands).containsOnlyOnce("a", "x", "b");
    assertThat(trio.fatal).hasValue(0);
  }

  /// It holds the whole log, so that hybrid mode would ask for it again and again.
  private void isNotNominated() {
    var next = leader(others());
    var epoch = next.consensus().leadership().epoch();
    assertThatThrownBy(() -> next.consensus().transfer(Optional.of(RaftTrio.id(old.n()))))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.UNREACHABLE))
        .hasMessageContaining("holds back from leading");
    assertThat(next.consensus().leadsNow(epoch)).as("nothing was tried").isTrue();
  }

  /// What becomes of a Raft that does not give up leading. Its division is closed though the state
  /// machine hangs, and none is opened beside what hangs.
  @Test
  void aDivisionIsClosedThoughTheMachineHangsAndOpenedOnceThatEnds() {
    hang();
    var epoch = old.consensus().leadership().epoch();
    var _ = old.consensus().ledger().propose(epoch, "x".getBytes(UTF_8));
    await().atMost(PATIENCE).until(() -> machines.get(old.n() - 1).inside() == 1);
    trio.raft(old.n()).division().orElseThrow().abandon("raft did not give up leading");
    propose(others(), "b");
    await()
        .during(RETRIES)
        .atMost(PATIENCE)
        .until(() -> !trio.raft(old.n()).status().initialized() && trio.fatal.get() == 0);
    release();
    holds(old, "b");
    assertThat(old.machine().commands).containsOnlyOnce("a", "x", "b");
    assertThat(machines.get(old.n() - 1).most).hasValue(1);
    assertThat(trio.fatal).hasValue(0);
  }

  /// It holds the whole log, as the other follower does, and would be asked first.
  @Test
  void aFollowerThatHoldsBackIsPassedOverWhenNoneIsNamed() {
    var stuck = others().getLast();
    var fit = others().getFirst();
    hang(stuck);
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              propose(members, "b");
              return !heldBack(stuck).isEmpty();
            });
    var leading = leader(members);
    var leader = leading.consensus();
    var other = leading.n() == fit.n() ? old : fit; // a machine without time may have changed it
    assertThat(leader.transfer(Optional.empty())).isEqualTo(RaftTrio.id(other.n()));
    propose(members, "c");
    var epoch = leader(members).consensus().stepDown("a test");
    await()
        .atMost(PATIENCE)
        .until(() -> leader(members).consensus().leadership().epoch().isAfter(epoch));
  }

  /// It stores and votes, and no other division could be opened over the machine that hangs.
  @Test
  void aVoterThatHangsKeepsItsDivisionHoweverLongNobodyLeads() {
    var stuck = others().getFirst();
    hang(stuck);
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              propose(members, "b");
              return !heldBack(stuck).isEmpty();
            });
    trio.stop(others().getLast().n());
    trio.stop(old.n());
    var division = trio.raft(stuck.n()).division();
    await().atMost(PATIENCE).until(() -> division.orElseThrow().info().isCandidate());
    await()
        .during(RaftTrio.ELECTION.multipliedBy(30))
        .atMost(PATIENCE)
        .until(() -> trio.raft(stuck.n()).division().equals(division));
    var again = trio.start(old.n(), new HeldMachine());
    propose(List.of(again), "c");
    assertThat(trio.fatal).hasValue(0);
  }
}
