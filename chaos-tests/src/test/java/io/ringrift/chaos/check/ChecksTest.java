package io.ringrift.chaos.check;

import static io.ringrift.chaos.check.Story.answer;
import static io.ringrift.chaos.check.Story.item;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.evidence.Effect;
import io.ringrift.chaos.evidence.ItemFinal;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Outcome;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every checker over evidence that keeps its invariant and over evidence that breaks it.
final class ChecksTest {
  private static Story led() {
    return new Story().leader(1, "n1", 1).follower(1, "n2", 1, "n1").follower(1, "n3", 1, "n1");
  }

  private static Story claimed() {
    return new Story().submit("a", 1, 2).claim("w", "a", 1, 3, 4);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(new OneLeaderPerEpoch(), led().leader(5, "n2", 1), "epoch 1 has two leaders"),
        Arguments.of(
            new OneLeaderPerEpoch(),
            led().follower(5, "n3", 1, "n2"),
            "by the word of n3 at 5.000 s"),
        Arguments.of(
            new OneLeaderPerEpoch(),
            led().audit(5, "n3", "elected", 1),
            "n3 by the word of its audit"),
        Arguments.of(new OneLeaderPerEpoch(), led().leader(5, "worker", 2), "is no voter"),
        Arguments.of(
            new EpochsNeverFall(),
            led()
                .follower(2, "n2", 4, "n3")
                .event(3, "n2", "KILLED", 0, "")
                .follower(5, "n2", 3, "n1"),
            "n2 knew epoch 4 at 2.000 s and epoch 3 at 5.000 s"),
        Arguments.of(
            new LeadershipEndsWithItsLease(),
            led().leader(5, "n2", 2).leader(8, "n1", 1),
            "n1 calls itself leader of epoch 1 at 8.000 s"),
        Arguments.of(
            new LeasesAreKept(),
            claimed().claim("v", "a", 2, 8, 9),
            "given away 6.000 s into its lease"),
        Arguments.of(
            new LeasesAreKept(),
            claimed().renew("w", "a", 1, 11, 12).claim("v", "a", 2, 14, 15),
            "given away 4.000 s into its lease"),
        // What came before the claim, or behind the next one, did not end it.
        Arguments.of(
            new LeasesAreKept(),
            claimed().cancel("a", 12, 13).claim("v", "a", 2, 8, 9),
            "given away 6.000 s into its lease"),
        Arguments.of(
            new LeasesAreKept(),
            claimed()
                .ok("c", Kind.REQUEUE, "a", 0, "", answer("a", "PENDING", 0, ""), 1, 2)
                .claim("v", "a", 2, 8, 9),
            "given away 6.000 s into its lease"),
        Arguments.of(
            new LeasesAreKept(), claimed().claim("v", "a", 1, 33, 34), "one token for two claims"),
        Arguments.of(
            new LeasesAreKept(),
            new Story().claim("w", "a", 2, 3, 4).claim("v", "a", 1, 33, 34),
            "lesser token for the later claim"),
        Arguments.of(
            new NothingOfTheDeposed(),
            led().follower(4, "n2", 2, "n3").order("n2", 1, Outcome.OK, 6, 7),
            "n2 obeyed an order of epoch 1 in the name of an unknown node, and knew epoch 2"),
        Arguments.of(
            new NothingOfTheDeposed(),
            led().follower(4, "n2", 2, "n3").order("n2", 2, "n1", Outcome.OK, 6, 7),
            "n2 obeyed an order of epoch 2 in the name of n1, and knew epoch 2 of n3"),
        Arguments.of(
            new NothingOfTheDeposed(),
            led().order("n2", 1_000_001, "n1", Outcome.OK, 6, 7),
            "n2 obeyed an order of epoch 1000001 in the name of n1, whom nobody ever named"),
        Arguments.of(
            new NothingOfTheDeposed(),
            led().order("n2", 2, "nobody", Outcome.OK, 6, 7),
            "n2 obeyed an order of epoch 2 in the name of nobody, whom nobody ever named"),
        Arguments.of(
            new NothingOfTheDeposed(),
            led().follower(4, "n2", 2, "n3").effect(9, "n2", "job", 3, 1, "start"),
            "start of job under epoch 1 took effect at n2"),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            claimed().submit("b", 5, 6).end("n1", "h", 1, item("b", "PENDING", 0, "", "")),
            "item a is lost at n1"),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            claimed()
                .complete("w", "a", 1, "x", 5, 6)
                .end("n1", "h", 1, item("a", "CLAIMED", 1, "w", "")),
            "was completed and is CLAIMED"),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            claimed()
                .complete("w", "a", 1, "x", 5, 6)
                .end("n1", "h", 1, item("a", "COMPLETED", 1, "w", "y")),
            "has another result"),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            claimed().cancel("a", 5, 6).end("n1", "h", 1, item("a", "PENDING", 0, "", "")),
            "was cancelled and is PENDING"),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            spawned("j").effect(9, "n2", "other", 1, 1, "start"),
            "job j was acknowledged and left no effect"),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            told().event(0.5, "n2", "STARTED", 0, "").end("n1", "h", 1),
            "left no effect, was told as lost, and nothing was done to n2"),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            told()
                .fault("kill", 3, 6, false, "n3 killed", "n3")
                .event(3, "n3", "KILLED", 0, "")
                .end("n1", "h", 1),
            "nothing was done to n2"),
        Arguments.of(
            new EffectsHappenOnce(),
            claimed().complete("w", "a", 1, "x", 5, 6).complete("v", "a", 2, "x", 7, 8),
            "item a was completed twice"),
        Arguments.of(
            new EffectsHappenOnce(),
            new Story()
                .end(
                    "n1",
                    "h",
                    1,
                    item("a", "PENDING", 0, "", ""),
                    new ItemFinal("b", "payload of a", "PENDING", 0, "", "")),
            "one submit made two items at n1"),
        Arguments.of(
            new EffectsHappenOnce(),
            spawned("j").effect(5, "n1", "j", 1, 1, "end").effect(6, "n2", "j", 1, 1, "end"),
            "end of j under token 1 happened twice"),
        Arguments.of(
            new ReplicasAgree(),
            new Story().end("n1", "h", 7).end("n2", "g", 7),
            "n1 and n2 have applied 7 entries and differ"),
        Arguments.of(
            new FaultsAreDetectedInTime(),
            led()
                .fault("kill", 2, 2, true, "exit 137", "n1")
                .following(1, 14, "n2", 1, "n1")
                .follower(14, "n2", 2, "n2")
                .expect(5, 0),
            "seen after 12.000 s, the bound is 5.000 s"),
        Arguments.of(
            new FaultsAreDetectedInTime(),
            led()
                .follower(1.5, "n3", 1, "")
                .fault("kill", 2, 2, true, "exit 137", "n1")
                .follower(3, "n3", 1, "")
                .follower(3, "n4", 1, "")
                .following(1, 14, "n2", 1, "n1")
                .follower(14, "n2", 2, "n2")
                .expect(5, 0),
            "seen after 12.000 s, the bound is 5.000 s"),
        Arguments.of(
            new FaultsAreDetectedInTime(),
            led()
                .fault("cut", 2, 20, true, "9 bytes", "n1")
                .following(1, 20, "n2", 1, "n1")
                .expect(5, 0),
            "was seen never"),
        Arguments.of(
            new NothingIsLeftBehind(),
            new Story().leftover("namespace rr-1 is still there"),
            "namespace rr-1 is still there"));
  }

  private static Story spawned(String job) {
    return new Story().ok("c", Kind.SPAWN, job, 0, "effect", answer(job, "", 0, ""), 1, 2);
  }

  /// Job j ended without an effect, and the cluster told that n2 had lost it.
  private static Story told() {
    return spawned("j").effect(9, "n2", "j", 1, 0, Effect.LOST);
  }

  @ParameterizedTest(name = "{index} {2}")
  @MethodSource("broken")
  void whatIsBrokenIsTold(Check check, Story story, String told) {
    Result result = check.of(story.evidence());
    assertThat(result.status()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings().getFirst().text()).contains(told);
  }

  static Stream<Arguments> kept() {
    return Stream.of(
        Arguments.of(
            new OneLeaderPerEpoch(),
            led().down(4, "n1").leader(5, "n2", 2).follower(6, "n1", 2, "n2")),
        Arguments.of(
            new EpochsNeverFall(),
            led()
                .follower(2, "n2", 4, "n3")
                .event(3, "n2", "WIPED", 0, "")
                .follower(5, "n2", 3, "n1")),
        Arguments.of(
            new EpochsNeverFall(), led().follower(2, "n2", 0, "").follower(3, "n2", 1, "n1")),
        Arguments.of(new LeadershipEndsWithItsLease(), led().leader(5, "n2", 2).leader(6, "n1", 1)),
        Arguments.of(new LeasesAreKept(), claimed().claim("v", "a", 2, 13, 14)),
        Arguments.of(
            new LeasesAreKept(),
            claimed().unknown("w", Kind.RELEASE, "a", 1, "", 5).claim("v", "a", 2, 8, 9)),
        Arguments.of(
            new NothingOfTheDeposed(),
            led().follower(4, "n2", 2, "n3").order("n2", 1, Outcome.FAIL, 6, 7)),
        Arguments.of(
            new NothingOfTheDeposed(),
            led().order("n2", 1, Outcome.OK, 3, 7).follower(4, "n2", 2, "n3")),
        Arguments.of(
            new NothingOfTheDeposed(),
            led()
                .order("n2", 1_000_001, "n1", Outcome.FAIL, 6, 7)
                .order("n3", 2, "n2", Outcome.OK, 6, 7)
                .audit(5, "n2", "elected", 2)),
        Arguments.of(
            new NothingOfTheDeposed(),
            led().follower(4, "n2", 2, "n3").order("n2", 2, "n3", Outcome.OK, 6, 7)),
        Arguments.of(
            new NothingOfTheDeposed(),
            led()
                .follower(4, "n2", 2, "n3")
                .effect(3, "n2", "job", 3, 1, "start")
                .effect(9, "n2", "job", 3, 1, "end")),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            claimed()
                .complete("w", "a", 1, "x", 5, 6)
                .unknown("c", Kind.SUBMIT, "", 0, "p", 5)
                .end("n1", "h", 1, item("a", "COMPLETED", 1, "w", "x"))),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            told().event(6, "n2", "KILLED", 0, "").end("n1", "h", 1)),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            told().fault("cut", 3, 6, false, "9 bytes", "n1>n3").end("n1", "h", 1)),
        Arguments.of(
            new EffectsHappenOnce(),
            spawned("j").effect(5, "n1", "j", 1, 1, "end").effect(6, "n2", "j", 2, 1, "end")),
        Arguments.of(
            new ReplicasAgree(), new Story().end("n1", "h", 7).end("n2", "h", 7).end("n3", "h", 7)),
        Arguments.of(
            new FaultsAreDetectedInTime(),
            led()
                .fault("kill", 2, 2, true, "exit 137", "n1")
                .following(1, 6, "n2", 1, "n1")
                .follower(6, "n3", 1, "")
                .expect(5, 0)),
        Arguments.of(new NothingIsLeftBehind(), new Story()),
        Arguments.of(
            new FaultsTookEffect(), new Story().fault("cut", 1, 2, false, "9 bytes", "n1>n2")),
        Arguments.of(
            new FaultsTookEffect(),
            new Story()
                .fault("isolate", 1, 2, false, "", "n1")
                .fault("isolate", 3, 4, false, "9 times", "n1")));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("kept")
  void whatHoldsIsKept(Check check, Story story) {
    Result result = check.of(story.evidence());
    assertThat(result.findings()).isEmpty();
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.KEPT);
  }

  static Stream<Arguments> undecided() {
    return Stream.of(
        Arguments.of(new OneLeaderPerEpoch(), new Story()),
        Arguments.of(new EpochsNeverFall(), new Story().down(1, "n1")),
        Arguments.of(new LeadershipEndsWithItsLease(), new Story().follower(1, "n1", 1, "n2")),
        Arguments.of(new NothingAcknowledgedIsLost(), claimed()),
        Arguments.of(new NothingAcknowledgedIsLost(), spawned("j")),
        Arguments.of(new ReplicasAgree(), new Story().end("n1", "h", 7).end("n2", "h", 8)),
        Arguments.of(new FaultsTookEffect(), new Story().fault("cut", 1, 2, false, "", "n1>n2")),
        Arguments.of(
            new FaultsTookEffect(),
            new Story()
                .fault("isolate", 1, 2, false, "", "n1")
                .fault("isolate", 3, 4, false, "9 times", "n2")),
        Arguments.of(
            new NothingAcknowledgedIsLost(),
            spawned("j").effect(9, "", "j", 0, 0, Effect.OPEN).end("n1", "h", 1)));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("undecided")
  void whatCannotBeToldIsNoPass(Check check, Story story) {
    assertThat(check.of(story.evidence()).status()).isEqualTo(Status.UNDECIDED);
  }

  @Test
  void manyFindingsAreCutAndCounted() {
    var story = led();
    for (int i = 0; i < 50; i++) {
      story.leader(5 + i, "n2", 1);
    }
    Result result = new OneLeaderPerEpoch().of(story.evidence());
    assertThat(result.findings()).hasSize(Result.MOST);
    assertThat(result.evidence()).contains("the first 20 of 100");
  }

  @Test
  void aJobThatIsLostOnAMachineWithoutTimeIsNeitherKeptNorAFinding() {
    var run = told().starved(6, 7).end("n1", "h", 1).evidence();
    assertThat(new NothingAcknowledgedIsLost().of(run).status()).isEqualTo(Status.UNDECIDED);
  }

  private static Story whole() {
    return led()
        .submit("a", 1, 2)
        .claim("w", "a", 1, 3, 4)
        .complete("w", "a", 1, "x", 5, 6)
        .end("n1", "h", 3, item("a", "COMPLETED", 1, "w", "x"))
        .end("n2", "h", 3, item("a", "COMPLETED", 1, "w", "x"))
        .end("n3", "h", 3, item("a", "COMPLETED", 1, "w", "x"));
  }

  @Test
  void theVerdictIsTheWorstOfTheCheckers() {
    assertThat(Verdict.of(whole().evidence(), List.of()).exitCode()).isZero();
    assertThat(Verdict.of(whole().leftover("pid 7").evidence(), List.of()).exitCode()).isEqualTo(1);
    assertThat(Verdict.of(whole().dropped(1).evidence(), List.of()).exitCode()).isEqualTo(2);
    assertThat(Verdict.of(whole().failed("no root").evidence(), List.of()).exitCode()).isEqualTo(2);
    assertThat(
            Verdict.of(whole().failed("no root").leftover("pid 7").evidence(), List.of())
                .exitCode())
        .isEqualTo(1);
    var unmet = List.of("w1 ran no job");
    assertThat(Verdict.of(whole().evidence(), unmet).exitCode()).isEqualTo(1);
    Story struck = whole().fault("kill", 4, 5, false, "n2 killed", "n2");
    assertThat(Verdict.of(struck.starved(2, 3).evidence(), unmet).exitCode()).isEqualTo(1);
    assertThat(Verdict.of(struck.starved(4, 6).evidence(), unmet).word()).isEqualTo("undecided");
    assertThat(Verdict.of(whole().evidence(), List.of()).word()).isEqualTo("kept");
    assertThat(Verdict.of(whole().dropped(1).evidence(), List.of()).word()).isEqualTo("undecided");
    assertThat(Verdict.of(whole().failed("no root").evidence(), List.of()).word())
        .isEqualTo("could not run");
  }

  @Test
  void eachCheckerStandsInTheVerdictOnce() {
    assertThat(Verdict.of(whole().evidence(), List.of()).results())
        .extracting(Result::name)
        .doesNotHaveDuplicates()
        .hasSize(35);
  }
}
