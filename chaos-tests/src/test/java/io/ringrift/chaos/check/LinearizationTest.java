package io.ringrift.chaos.check;

import static io.ringrift.chaos.check.Story.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Histories whose verdict is known, and the search against every order of small ones.
final class LinearizationTest {
  private static Story story() {
    return new Story().submit("a", 1, 2);
  }

  private static Answer completed(String result) {
    return new Answer("a", "COMPLETED", 1, "w", result);
  }

  static Stream<Arguments> good() {
    return Stream.of(
        Arguments.of(
            "a read shows the result",
            story()
                .claim("w", "a", 1, 3, 4)
                .complete("w", "a", 1, "x", 5, 6)
                .ok("r", Kind.READ, "a", 0, "linearizable", completed("x"), 7, 8)),
        Arguments.of(
            "a whole life", story().claim("w", "a", 1, 3, 4).complete("w", "a", 1, "x", 5, 6)),
        Arguments.of(
            "a read beside a claim may show either state",
            story().claim("w", "a", 1, 3, 6).read("a", "PENDING", 0, "", 4, 5)),
        Arguments.of(
            "a claim without an answer took effect",
            story().unknown("w", Kind.CLAIM, "a", 0, "", 3).read("a", "CLAIMED", 1, "w", 4, 5)),
        Arguments.of(
            "a claim without an answer took no effect",
            story().unknown("w", Kind.CLAIM, "a", 0, "", 3).read("a", "PENDING", 0, "", 60, 61)),
        Arguments.of(
            "a claim whose key is not known took effect",
            story().unknown("w", Kind.CLAIM, "", 0, "", 3).read("a", "CLAIMED", 1, "w", 4, 5)),
        Arguments.of(
            "a lease that ran out gives the item to another",
            story()
                .claim("w", "a", 1, 3, 4)
                .claim("v", "a", 2, 13, 14)
                .stale("w", Kind.COMPLETE, "a", 1, 15, 16)),
        Arguments.of(
            "a completion is repeated",
            story()
                .claim("w", "a", 1, 3, 4)
                .complete("w", "a", 1, "x", 5, 6)
                .complete("w", "a", 1, "x", 7, 8)),
        Arguments.of(
            "a failed attempt is tried again",
            story()
                .claim("w", "a", 1, 3, 4)
                .ok("w", Kind.FAIL, "a", 1, "", answer("a", "PENDING", 0, ""), 5, 6)
                .claim("v", "a", 2, 7, 8)),
        Arguments.of(
            "a repeated failure report is refused although it took effect",
            story()
                .claim("w", "a", 1, 3, 4)
                .stale("w", Kind.FAIL, "a", 1, 5, 6)
                .claim("v", "a", 2, 7, 8)),
        Arguments.of(
            "a dead letter is put back",
            story()
                .claim("w", "a", 1, 3, 4)
                .ok("w", Kind.FAIL, "a", 1, "", answer("a", "FAILED", 0, ""), 5, 6)
                .ok("c", Kind.REQUEUE, "a", 0, "", answer("a", "PENDING", 0, ""), 7, 8)
                .claim("v", "a", 2, 9, 10)),
        Arguments.of(
            "a stale read says so",
            story()
                .claim("w", "a", 1, 3, 4)
                .ok("r", Kind.READ, "a", 0, "stale", answer("a", "PENDING", 0, ""), 5, 6)),
        Arguments.of(
            "a claim without an answer took effect late and its lease ran out",
            story()
                .unknown("v", Kind.CLAIM, "a", 0, "", 3)
                .read("a", "PENDING", 0, "", 20, 21)
                .read("a", "CLAIMED", 0, "v", 22, 23)
                .claim("w", "a", 5, 30, 31)),
        Arguments.of(
            "a claim without an answer came when the lease of another had run out",
            story()
                .claim("w", "a", 1, 3, 4)
                .unknown("v", Kind.CLAIM, "a", 0, "", 5)
                .read("a", "CLAIMED", 0, "v", 12, 13)),
        Arguments.of(
            "a start took effect, and its repetition came when the lease had ended",
            story()
                .claim("w", "a", 1, 3, 4)
                .stale("w", Kind.START, "a", 1, 5, 20)
                .read("a", "RUNNING", 1, "w", 6, 7)),
        Arguments.of(
            "a dead letter was put back, and the repetition was refused",
            story()
                .claim("w", "a", 1, 3, 4)
                .ok("w", Kind.FAIL, "a", 1, "", answer("a", "FAILED", 0, ""), 5, 6)
                .refused("ILLEGAL_TRANSITION", "c", Kind.REQUEUE, "a", 0, 7, 8)
                .claim("v", "a", 2, 9, 10)),
        Arguments.of(
            "a renewal that was refused for its size says nothing of the claim",
            story()
                .claim("w", "a", 1, 3, 4)
                .refused("BACKPRESSURE", "w", Kind.RENEW, "a", 1, 5, 6)
                .read("a", "CLAIMED", 1, "w", 7, 8)
                .complete("w", "a", 1, "x", 9, 10)),
        Arguments.of(
            "items from before the run",
            new Story().claim("w", "old", 5, 3, 4).read("old", "CLAIMED", 5, "w", 5, 6)),
        Arguments.of(
            "started and renewed over its first lease",
            story()
                .claim("w", "a", 1, 3, 4)
                .ok("w", Kind.START, "a", 1, "", answer("a", "RUNNING", 1, "w"), 4, 5)
                .renew("w", "a", 1, 11, 12)
                .read("a", "RUNNING", 1, "w", 18, 19)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("good")
  void whatCanBeExplainedIsKept(String name, Story story) {
    assertThat(worst(story.evidence())).isEqualTo(Status.KEPT);
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        Arguments.of(
            "two workers hold it", story().claim("w", "a", 1, 3, 4).claim("v", "a", 2, 5, 6)),
        Arguments.of(
            "a read shows what was before an acknowledged claim",
            story().claim("w", "a", 1, 3, 4).read("a", "PENDING", 0, "", 5, 6)),
        Arguments.of(
            "a read goes back",
            story()
                .claim("w", "a", 1, 3, 9)
                .read("a", "CLAIMED", 1, "w", 4, 5)
                .read("a", "PENDING", 0, "", 6, 7)),
        Arguments.of("an acknowledged item is absent", story().read("a", "ABSENT", 0, "", 3, 4)),
        Arguments.of(
            "a token falls",
            story()
                .claim("w", "a", 2, 3, 4)
                .ok("w", Kind.RELEASE, "a", 2, "", answer("a", "PENDING", 0, ""), 5, 6)
                .claim("v", "a", 1, 7, 8)),
        Arguments.of(
            "completed under the claim of another",
            story()
                .claim("w", "a", 1, 3, 4)
                .claim("v", "a", 2, 14, 15)
                .complete("w", "a", 1, "x", 16, 17)),
        Arguments.of(
            "completed with another token",
            story().claim("w", "a", 2, 3, 4).complete("w", "a", 1, "x", 5, 6)),
        Arguments.of(
            "completed after it was cancelled",
            story().claim("w", "a", 1, 3, 4).cancel("a", 5, 6).complete("w", "a", 1, "x", 7, 8)),
        Arguments.of(
            "completed again with another result",
            story()
                .claim("w", "a", 1, 3, 4)
                .complete("w", "a", 1, "x", 5, 6)
                .complete("w", "a", 1, "y", 7, 8)),
        Arguments.of(
            "a read shows another result",
            story()
                .claim("w", "a", 1, 3, 4)
                .complete("w", "a", 1, "x", 5, 6)
                .ok("r", Kind.READ, "a", 0, "linearizable", completed("y"), 7, 8)),
        Arguments.of(
            "at the end it has another result",
            story()
                .claim("w", "a", 1, 3, 4)
                .complete("w", "a", 1, "x", 5, 6)
                .end("n1", "h", 9, Story.item("a", "COMPLETED", 1, "w", "y"))),
        Arguments.of(
            "claimed after its end",
            story()
                .claim("w", "a", 1, 3, 4)
                .complete("w", "a", 1, "x", 5, 6)
                .claim("v", "a", 2, 30, 31)),
        Arguments.of(
            "claimed before it was submitted",
            new Story().claim("w", "a", 1, 1, 2).submit("a", 3, 4)),
        Arguments.of(
            "given away although it was renewed",
            story().claim("w", "a", 1, 3, 4).renew("w", "a", 1, 11, 12).claim("v", "a", 2, 14, 15)),
        Arguments.of(
            "a claim without an answer took the item out of a lease that holds",
            story()
                .claim("w", "a", 1, 3, 4)
                .unknown("v", Kind.CLAIM, "a", 0, "", 5)
                .read("a", "CLAIMED", 0, "v", 6, 7)),
        Arguments.of(
            "given away although a claim without an answer took effect a moment ago",
            story()
                .unknown("v", Kind.CLAIM, "a", 0, "", 3)
                .read("a", "PENDING", 0, "", 20, 21)
                .read("a", "CLAIMED", 0, "v", 22, 23)
                .claim("w", "a", 5, 24, 25)),
        Arguments.of(
            "the lease of a claim without an answer ends a moment after it began",
            story()
                .claim("w", "a", 1, 3, 4)
                .unknown("v", Kind.CLAIM, "a", 0, "", 5)
                .read("a", "CLAIMED", 1, "w", 20, 21)
                .read("a", "CLAIMED", 0, "v", 22, 23)
                .read("a", "PENDING", 0, "", 24, 25)),
        Arguments.of(
            "a claim that holds is told to be lost",
            story()
                .claim("w", "a", 1, 3, 4)
                .refused(Operation.CLAIM_LOST, "w", Kind.RENEW, "a", 1, 5, 6)),
        Arguments.of(
            "a claim that was never asked for is seen",
            story()
                .read("a", "CLAIMED", 1, "w", 3, 4)
                .unknown("w", Kind.CLAIM, "", 0, "", 5)
                .unknown("v", Kind.CLAIM, "", 0, "", 2)),
        Arguments.of(
            "a claim that holds is refused as stale",
            story().claim("w", "a", 1, 3, 4).stale("w", Kind.RENEW, "a", 1, 5, 6)),
        Arguments.of(
            "the final state forgot a completion",
            story()
                .claim("w", "a", 1, 3, 4)
                .complete("w", "a", 1, "x", 5, 6)
                .end("n1", "h", 9, Story.item("a", "PENDING", 0, "", ""))),
        Arguments.of(
            "the final state of the newest log forgot a completion",
            story()
                .claim("w", "a", 1, 3, 4)
                .complete("w", "a", 1, "x", 5, 6)
                .end("bully", 1, "n1", "h", 9, true, Story.item("a", "COMPLETED", 1, "w", "x"))
                .end("raft", 2, "n2", "h", 3, true, Story.item("a", "PENDING", 0, "", ""))),
        Arguments.of(
            "the item of a submit without an answer is absent after it was seen",
            new Story()
                .unknown("c", Kind.SUBMIT, "a", 0, "", 1)
                .read("a", "PENDING", 0, "", 3, 4)
                .read("a", "ABSENT", 0, "", 5, 6)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void whatCannotBeExplainedIsTold(String name, Story story) {
    assertThat(worst(story.evidence())).isEqualTo(Status.VIOLATED);
  }

  @Test
  void aFindingNamesTheOperationsThatCannotComeNext() {
    var evidence = story().claim("w", "a", 1, 3, 4).read("a", "PENDING", 0, "", 5, 6).evidence();
    Result reads = new ReadsAreLinearizable().of(evidence);
    assertThat(new QueueIsLinearizable().of(evidence).status()).isEqualTo(Status.KEPT);
    assertThat(reads.findings())
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.operations()).containsExactly(2);
              assertThat(f.text()).contains("item a", "CLAIMED by w under token 1", "#2 [5.000 s");
              assertThat(f.fromNanos()).isEqualTo(Story.nanos(5));
            });
  }

  @Test
  void aHistoryWithAGapIsUndecided() {
    assertThat(worst(story().dropped(1).evidence())).isEqualTo(Status.UNDECIDED);
  }

  @Test
  void aSearchThatMeetsItsBoundIsUndecided() {
    var many = new Story();
    for (int i = 0; i < 12; i++) {
      many.unknown("w" + i, Kind.CLAIM, "a", 0, "", 3);
    }
    many.submit("a", 1, 2).read("a", "ABSENT", 0, "", 20, 21);
    List<Operation> operations = Items.of(many.evidence()).getOrDefault("a", List.of());
    assertThat(Linearization.search(operations, 0, 50))
        .isInstanceOf(Linearization.Answer.Undecided.class);
    assertThat(Linearization.search(operations, 0, 1_000_000))
        .isInstanceOf(Linearization.Answer.Refuted.class);
  }

  /// Each would double the search of an item that the worker held once.
  @Test
  void claimsWithoutAnswerStandWhereASightNeedsThem() {
    var story =
        story().submit("b", 1, 2).claim("w", "a", 1, 3, 4).read("a", "CLAIMED", 1, "w", 5, 6);
    for (int i = 0; i < 20; i++) {
      story.unknown("w", Kind.CLAIM, "", 0, "", 7);
    }
    story.read("b", "CLAIMED", 2, "w", 20, 21);
    assertThat(Items.of(story.evidence()).get("a")).hasSize(3);
    assertThat(Items.of(story.evidence()).get("b")).hasSize(22);
    assertThat(worst(story.read("b", "CLAIMED", 2, "w", 22, 23).evidence())).isEqualTo(Status.KEPT);
  }

  private static Status worst(RunEvidence run) {
    var all =
        List.of(
            new QueueIsLinearizable().of(run).status(),
            new ReadsAreLinearizable().of(run).status());
    return all.contains(Status.VIOLATED)
        ? Status.VIOLATED
        : all.contains(Status.UNDECIDED) ? Status.UNDECIDED : Status.KEPT;
  }

  /// The search agrees with an item that lives through time, which shares no rule with it.
  @Test
  void theSearchAgreesWithEveryLifeOfSmallHistories() {
    var chance = new SplittableRandom(20_240_601);
    int refuted = 0;
    for (int round = 0; round < 3000; round++) {
      List<Operation> operations = Items.of(random(chance).evidence()).getOrDefault("a", List.of());
      boolean expected = EveryMoment.explains(operations, Story.LEASE);
      var found = Linearization.search(operations, Story.LEASE.toNanos(), 1_000_000);
      assertThat(found instanceof Linearization.Answer.Linearizable)
          .as("round %d: %s", round, operations)
          .isEqualTo(expected);
      refuted += expected ? 0 : 1;
    }
    assertThat(refuted).isBetween(300, 2700);
  }

  private static Story random(SplittableRandom chance) {
    var story = new Story().submit("a", 0, 1 + chance.nextInt(3));
    int operations = 3 + chance.nextInt(4);
    for (int i = 0; i < operations; i++) {
      double from = chance.nextInt(24);
      double to = from + 1.0 + chance.nextInt(6);
      String worker = chance.nextBoolean() ? "w" : "v";
      long token = 1L + chance.nextInt(2);
      String end = chance.nextBoolean() ? "PENDING" : "FAILED";
      String seen = List.of("PENDING", "CLAIMED", "RUNNING", "FAILED").get(chance.nextInt(4));
      switch (chance.nextInt(14)) {
        case 0, 1 -> story.claim(worker, "a", token, from, to);
        case 2 -> story.complete(worker, "a", token, "x", from, to);
        case 3 -> story.read("a", seen, 0, "", from, to);
        case 4 -> story.unknown(worker, Kind.CLAIM, "a", 0, "", from);
        case 5 -> story.renew(worker, "a", token, from, to);
        case 6, 7 -> story.unknown(worker, Kind.START, "a", token, "", from);
        case 8 -> story.unknown(worker, Kind.RELEASE, "a", token, "", from);
        case 9 -> story.unknown(worker, Kind.FAIL, "a", token, "", from);
        case 10 -> story.ok(worker, Kind.FAIL, "a", token, "", answer("a", end, 0, ""), from, to);
        case 11, 12 -> story.unknown("c", Kind.REQUEUE, "a", 0, "", from);
        default -> story.unknown("c", Kind.CANCEL, "a", 0, "", from);
      }
    }
    return story;
  }
}
