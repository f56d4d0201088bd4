package io.ringrift.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.history.Kind;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The checkers of what nodes wrote down themselves.
final class AuditChecksTest {
  /// Two voters of three for n1 in epoch 1, and then for n2 in epoch 2.
  private static Story elected() {
    return new Story()
        .audit(1, "n1", "vote-granted", 1, "to", "n1")
        .audit(1.1, "n2", "vote-granted", 1, "to", "n1")
        .audit(1.2, "n1", "elected", 1)
        .audit(5, "n2", "vote-granted", 2, "to", "n2")
        .audit(5.1, "n3", "vote-granted", 2, "to", "n2")
        .audit(5.2, "n2", "elected", 2);
  }

  private static Story order(double at, String node, long epoch) {
    return elected().audit(at, node, "effect-accepted", epoch, "effect", "spawn", "job_id", "j");
  }

  private static Story refused() {
    return elected().audit(9, "n3", "effect-rejected", 1, "reason", "STALE_EPOCH");
  }

  /// A disk of n2 that was full, and a start of it a second behind that.
  private static Story full(double from, double to) {
    return elected()
        .fault("full_disk", from, to, false, "bytes written", "n2")
        .audit(to + 1, "n2", "boot", 2);
  }

  private static Story cancelled(String state) {
    return new Story().ok("c", Kind.CANCEL_JOB, "j", 0, "", Story.answer("j", state, 0, ""), 5, 6);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(
            new OneVotePerEpoch(),
            elected().audit(6, "n3", "vote-granted", 2, "to", "n3"),
            "n3 gave its vote in epoch 2 to n2 at 5.100 s and to n3 at 6.000 s"),
        Arguments.of(
            new OneVotePerEpoch(),
            elected()
                .event(5.5, "n3", "WIPED", 0, "")
                .audit(6, "n3", "vote-granted", 2, "to", "n3"),
            "n3 gave its vote in epoch 2"),
        Arguments.of(
            new LeadersHaveAQuorum(),
            elected().audit(8, "n3", "vote-granted", 3, "to", "n3").audit(8.1, "n3", "elected", 3),
            "n3 took the office of epoch 3 at 8.100 s with the votes of n3: 1 of 3 voters"),
        Arguments.of(
            new LeadersHaveAQuorum(),
            elected()
                .audit(8, "n3", "vote-granted", 3, "to", "n3")
                .audit(8, "w1", "vote-granted", 3, "to", "n3")
                .audit(8.1, "n3", "elected", 3),
            "1 of 3 voters"),
        Arguments.of(
            new LateOrdersAreRefused(),
            order(9, "n3", 1),
            "n3 obeyed an order (spawn j) of epoch 1 at 9.000 s, and wrote down epoch 2 at 5.100"
                + " s"),
        Arguments.of(
            new LateOrdersAreRefused(),
            refused().audit(12, "n1", "renewed", 1),
            "n1 renewed its office of epoch 1 at 12.000 s, although n3 refused"),
        Arguments.of(
            new LeadersHaveAQuorum(),
            elected()
                .audit(8, "n3", "vote-granted", 3, "to", "n3")
                .audit(8.1, "n3", "elected", 3)
                .audit(8.2, "n1", "epoch-seen", 3, "leader", "n3")
                .audit(8.2, "n2", "epoch-seen", 3, "leader", "n3"),
            "with the votes of n3: 1 of 3 voters"),
        Arguments.of(
            new LeadersHaveAQuorum(),
            full(4, 6).audit(8, "n3", "vote-granted", 3, "to", "n3").audit(8.1, "n3", "elected", 3),
            "1 of 3 voters"),
        Arguments.of(
            new CancelledJobsDoNotStart(),
            cancelled("CANCELLED").audit(7, "n2", "job-start", 1, "job_id", "j"),
            "job j started at 7.000 s on n2, after its cancel was acknowledged"),
        Arguments.of(
            new CancelledJobsDoNotStart(),
            cancelled("CANCELLED").effect(9, "n2", "j", 1, 1, "start"),
            "job j started at 9.000 s on n2"));
  }

  @ParameterizedTest
  @MethodSource
  void broken(Check check, Story story, String text) {
    Result result = check.judge(story.evidence());
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings()).anySatisfy(f -> assertThat(f.text()).contains(text));
  }

  static Stream<Arguments> kept() {
    return Stream.of(
        Arguments.of(new OneVotePerEpoch(), elected()),
        // A vote that is written down again is the same vote.
        Arguments.of(
            new OneVotePerEpoch(), elected().audit(6, "n3", "vote-granted", 2, "to", "n2")),
        // It cannot know what it did behind the copy.
        Arguments.of(
            new OneVotePerEpoch(),
            elected()
                .event(5.5, "n3", "RESTORED", 0, "")
                .audit(6, "n3", "vote-granted", 2, "to", "n3")),
        Arguments.of(new LeadersHaveAQuorum(), elected()),
        Arguments.of(new LateOrdersAreRefused(), refused()),
        Arguments.of(new LateOrdersAreRefused(), refused().audit(9.5, "n1", "renewed", 1)),
        // Of its own office, which another tried for and did not get.
        Arguments.of(
            new LateOrdersAreRefused(),
            elected()
                .audit(9, "n3", "effect-rejected", 2, "reason", "STALE_EPOCH")
                .audit(12, "n2", "renewed", 2)),
        // It stood still before it could know.
        Arguments.of(
            new LateOrdersAreRefused(),
            refused()
                .event(9.1, "n1", "PAUSED", 0, "")
                .event(13, "n1", "RESUMED", 0, "")
                .audit(13.5, "n1", "renewed", 1)),
        // It followed who led, lost its folder, and is asked for its vote of that epoch.
        Arguments.of(
            new OneVotePerEpoch(),
            elected()
                .audit(5.3, "n1", "epoch-seen", 2, "leader", "n2")
                .event(5.5, "n1", "WIPED", 0, "")
                .audit(6, "n1", "vote-granted", 2, "to", "n3")),
        // Written down just behind its decision.
        Arguments.of(
            new LateOrdersAreRefused(),
            refused().audit(6, "n3", "effect-accepted", 1, "effect", "spawn")),
        // It stood still between decision and record.
        Arguments.of(
            new LateOrdersAreRefused(),
            refused()
                .event(5.5, "n3", "PAUSED", 0, "")
                .event(12, "n3", "RESUMED", 0, "")
                .audit(12.1, "n3", "effect-accepted", 1, "effect", "spawn")),
        Arguments.of(
            new LateOrdersAreRefused(),
            refused()
                .event(6, "n3", "WIPED", 0, "")
                .audit(6.5, "n3", "boot", 0)
                .audit(12, "n3", "effect-accepted", 1, "effect", "spawn")),
        Arguments.of(
            new CancelledJobsDoNotStart(),
            cancelled("CANCELLED").audit(4, "n2", "job-start", 1, "job_id", "j")));
  }

  @ParameterizedTest
  @MethodSource
  void kept(Check check, Story story) {
    Result result = check.judge(story.evidence());
    assertThat(result.status()).as(result.evidence() + result.findings()).isEqualTo(Status.KEPT);
  }

  @Test
  void whatNoRecordShowsIsToldAndIsNoPass() {
    for (Check check :
        List.of(
            new OneVotePerEpoch(),
            new LeadersHaveAQuorum(),
            new LateOrdersAreRefused(),
            new CancelledJobsDoNotStart())) {
      assertThat(check.judge(new Story().evidence()).status()).isEqualTo(Status.NOT_CONCERNED);
    }
    assertThat(new LateOrdersAreRefused().judge(order(9, "n3", 2).evidence()))
        .returns(Status.NOT_CONCERNED, Result::status)
        .returns(
            "no order of a deposed leader came to any node, so nothing is shown; of the newest"
                + " epoch known there came 1",
            Result::evidence);
    assertThat(
            new LateOrdersAreRefused()
                .judge(order(9, "n3", 2).promise(Promises.lateOrder()).evidence())
                .status())
        .isEqualTo(Status.UNDECIDED);
    assertThat(
            new CancelledJobsDoNotStart()
                .judge(
                    cancelled("CLAIMED").audit(7, "n2", "job-start", 1, "job_id", "j").evidence())
                .evidence())
        .isEqualTo("no cancel of a job that waited was acknowledged");
  }

  /// On ground `process` a voter that answers has an audit.
  @Test
  void aVoterThatAnswersAndWhoseAuditWasNotReadIsUndecided() {
    for (Check check :
        List.of(
            new OneVotePerEpoch(),
            new LeadersHaveAQuorum(),
            new LateOrdersAreRefused(),
            new OddOnesStandAside())) {
      Story unread = new Story().end("n1", "h", 1).fault("config", 1, 2, false, "no", "n3");
      assertThat(check.judge(unread.evidence()).status()).isNotEqualTo(Status.UNDECIDED);
      unread.audit(1, "n1", AuditRecord.GAP, 0); // there, and cannot be read
      assertThat(check.judge(unread.on("process").evidence()))
          .returns(Status.UNDECIDED, Result::status)
          .extracting(Result::evidence)
          .asString()
          .startsWith("no record of the audit of n1 was read: see whether audit.jsonl is written;");
      assertThat(check.judge(unread.audit(1, "n1", "boot", 0).gone("n2", "").evidence()).status())
          .as("n2 has none")
          .isEqualTo(Status.UNDECIDED);
      assertThat(check.judge(unread.audit(1, "n2", "boot", 0).gone("n3", "down").evidence()))
          .as("n3 did not answer")
          .extracting(Result::status)
          .isNotEqualTo(Status.UNDECIDED);
    }
  }

  @Test
  void votesThatAreNotInTheAuditAccuseNobody() {
    Story gap = elected().audit(8, "n2", AuditRecord.GAP, 0, "missing", "3");
    assertThat(new LeadersHaveAQuorum().judge(gap.audit(8.1, "n3", "elected", 3).evidence()))
        .returns(Status.KEPT, Result::status)
        .returns(
            "2 offices with the votes behind them; 1 not judged, records of voters are missing",
            Result::evidence);
    for (double at : new double[] {7, 8.9}) {
      assertThat(
              new LeadersHaveAQuorum()
                  .judge(full(6.5, 8).audit(at, "n3", "elected", 3).evidence())
                  .evidence())
          .endsWith("1 not judged, records of voters are missing");
    }
    Story unread =
        new Story().audit(1, "n1", "vote-granted", 1, "to", "n1").audit(1.2, "n1", "elected", 1);
    assertThat(new LeadersHaveAQuorum().judge(unread.evidence()))
        .returns(Status.UNDECIDED, Result::status)
        .extracting(Result::evidence)
        .asString()
        .endsWith("1 not judged, records of voters are missing");
    Story raft = elected().audit(8, "n3", "carried-over", 0, "from", "bully", "to", "raft");
    assertThat(new LeadersHaveAQuorum().judge(raft.audit(8.1, "n3", "elected", 3).evidence()))
        .returns(Status.KEPT, Result::status)
        .returns(
            "2 offices with the votes behind them; 1 by Raft, whose votes are its own",
            Result::evidence);
  }
}
