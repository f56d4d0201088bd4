package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.sync.CopyPlan.Move;
import io.ringrift.managers.sync.TargetRests.Failure;
import io.ringrift.managers.sync.TargetRests.Split;
import io.ringrift.sync.v1.FailedFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who rests, from what, and for how long.
final class TargetRestsTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final BootId FIRST_BOOT = new BootId(1);

  private static final Epoch EPOCH = new Epoch(7);

  private final TargetRests rests = new TargetRests();
  private final Map<NodeId, BootId> boots = new HashMap<>();
  private Moment now = new Moment(0);

  @BeforeEach
  void begin() {
    rests.renew(EPOCH);
  }

  @Test
  void theRestDoublesFromThirtySecondsToTenMinutes() {
    assertThat(IntStream.rangeClosed(1, 8).mapToObj(TargetRests::pause).map(Duration::toSeconds))
        .containsExactly(30L, 60L, 120L, 240L, 480L, 600L, 600L, 600L);
  }

  @Test
  void whoFailedRestsAndTheOthersGoOn() {
    fail(C, refusal("x"));

    skip(29);
    var split = split(move(B, "x"), move(C, "x"));

    assertThat(split.now().targets()).containsExactly(B);
    assertThat(split.tries()).isEmpty();
  }

  @Test
  void afterItsRestATargetIsTriedByItselfAndOnce() {
    fail(C, refusal("x"));
    skip(30);

    var split = split(move(B, "x"), move(C, "x"));

    assertThat(split.now().targets()).containsExactly(B);
    assertThat(split.tries()).containsOnlyKeys(C);
    skip(1000);
    assertThat(split(move(C, "x")).tries()).as("a try is under way").isEmpty();
    rests.tried(EPOCH, C);
    assertThat(split(move(C, "x")).tries()).containsOnlyKeys(C);
  }

  @Test
  void aTryOfAnOlderEpochEndsNoneOfThisOne() {
    rests.renew(EPOCH.next());
    fail(C, refusal("x"));
    skip(30);
    split(move(C, "x"));

    rests.tried(EPOCH, C);

    assertThat(split(move(C, "x")).tries()).as("a try is under way").isEmpty();
  }

  @Test
  void eachFurtherFailureRestsLongerAndOnlyTheFirstIsNews() {
    assertThat(fail(C, refusal("x"))).isTrue();
    skip(30);
    assertThat(fail(C, refusal("x"))).isFalse();
    skip(59);
    assertThat(split(move(C, "x")).tries()).isEmpty();
    skip(1);
    assertThat(split(move(C, "x")).tries()).containsOnlyKeys(C);
  }

  @Test
  void aSuccessEndsTheRestAndTheNextFailureIsTheFirstAgain() {
    fail(C, refusal("x"));
    fail(C, refusal("x"));

    assertThat(rests.arrived(C, paths("x"))).isPresent();

    assertThat(split(move(C, "x")).now().targets()).containsExactly(C);
    assertThat(fail(C, refusal("x"))).isTrue();
    skip(30);
    assertThat(split(move(C, "x")).tries()).containsOnlyKeys(C);
  }

  @Test
  void whoBeginsAnewIsTriedAtOnceAndRestsShortlyAgain() {
    IntStream.range(0, 5).forEach(_ -> fail(C, refusal("x")));
    boots.put(C, new BootId(2));

    assertThat(split(move(C, "x")).tries()).containsOnlyKeys(C);

    rests.tried(EPOCH, C);
    assertThat(fail(C, refusal("x"))).as("it failed before").isFalse();
    skip(30);
    assertThat(split(move(C, "x")).tries()).containsOnlyKeys(C);
  }

  @Test
  void aDamagedFileRestsAloneWhereItIsTheFileThatFails() {
    fail(C, failure(0, "DIGEST_MISMATCH", "x"));

    var split = split(move(C, "x", "y"));

    assertThat(split.now().paths(C)).containsExactly("y");
    assertThat(rests.arrived(C, paths("y"))).as("x still fails").isEmpty();
    assertThat(resting(C)).containsExactly("x");
  }

  @Test
  void aTargetThatCanStoreNothingIsSparedNewFilesToo() {
    fail(C, failure(0, "STORAGE_FAILED", "x"));

    assertThat(split(move(C, "x", "y")).now().moves()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"UNREACHABLE", "DEADLINE_EXCEEDED", "OVERLOADED"})
  void whatASourceDoesNotGiveRestsAlone(String reason) {
    fail(C, failure(0, reason, "x"));

    assertThat(split(move(C, "x", "new")).now().paths(C)).containsExactly("new");
  }

  @Test
  void whatFailedBesideWhatArrivedRestsAlone() {
    fail(C, failure(1, "STORAGE_FAILED", "x"));

    assertThat(split(move(C, "x", "y")).now().paths(C)).containsExactly("y");
  }

  @Test
  void filesThatFailLaterRestWithThoseThatFailedBefore() {
    fail(C, failure(0, "DIGEST_MISMATCH", "x"));
    fail(C, failure(0, "DIGEST_MISMATCH", "y"));

    assertThat(resting(C)).containsExactly("x", "y");
    rests.arrived(C, paths("x"));
    assertThat(resting(C)).containsExactly("y");
  }

  @Test
  void ofMoreThanAThousandFilesAllRest() {
    var many = IntStream.range(0, 1001).mapToObj(i -> "f" + i).toArray(String[]::new);
    fail(C, failure(0, "DIGEST_MISMATCH", many));

    assertThat(resting(C)).isEmpty();
    assertThat(split(move(C, "new")).now().moves()).isEmpty();
  }

  @Test
  void aTargetThatLacksNothingMoreFailsNoLonger() {
    fail(C, refusal("x"));

    split(move(B, "x"));

    assertThat(rests.all()).isEmpty();
  }

  @Test
  void aTargetOfUnknownFilesKeepsItsRest() {
    fail(C, refusal("x"));

    rests.split(round(0, List.of(C), move(B, "x")), boots, now);

    assertThat(rests.all()).containsOnlyKeys(C);
  }

  @Test
  void aTargetThatIsPassedOverFailsUntilItCouldHaveBeenTriedForAsLongAsARestMayLast() {
    fail(C, refusal("x"));

    skip(30 + 599);
    rests.split(round(1, List.of(), move(B, "x")), boots, now);
    assertThat(rests.all()).containsOnlyKeys(C);
    assertThat(rests.spared()).containsExactly(C);

    skip(1);
    rests.split(round(1, List.of(), move(B, "x")), boots, now);
    assertThat(rests.all()).isEmpty();
  }

  @Test
  void aFileThatRestsAloneIsForgottenOnceOthersHaveItOften() {
    fail(C, failure(0, "DIGEST_MISMATCH", "x"));
    assertThat(rests.spared()).isEmpty();

    rests.split(round(1, List.of(), move(B, "y")), boots, now);

    assertThat(rests.all()).isEmpty();
  }

  private SortedSet<String> resting(NodeId node) {
    return Objects.requireNonNull(rests.all().get(node)).paths();
  }

  private boolean fail(NodeId target, Failure failure) {
    boots.putIfAbsent(target, FIRST_BOOT);
    rests.tried(EPOCH, target);
    var paths = new TreeSet<>(failure.paths());
    paths.add(failure.first().getPath());
    return rests.failed(target, Optional.ofNullable(boots.get(target)), paths, failure, now);
  }

  private Split split(Move... moves) {
    return rests.split(round(0, List.of(), moves), boots, now);
  }

  private void skip(int seconds) {
    now = now.plus(Duration.ofSeconds(seconds));
  }

  private static RoundPlan round(int replicationTarget, List<NodeId> unknown, Move... moves) {
    var wants =
        new SyncPlanning.Wants(new TreeSet<>(List.of(A, B, C)), Map.of(), replicationTarget);
    var plan = new CopyPlan(List.of(moves), List.of(), 0);
    return new RoundPlan(ToldPlan.of(plan, unknown), new TreeMap<>(), wants);
  }

  private static Move move(NodeId target, String... paths) {
    var files = Arrays.stream(paths).map(path -> new Content(path, 1, path)).toList();
    return new Move(A, target, files, new TreeSet<>());
  }

  private static SortedSet<String> paths(String... paths) {
    return new TreeSet<>(List.of(paths));
  }

  private static Failure refusal(String path) {
    return Failure.of(failed("UNREACHABLE", path), true, 0);
  }

  private static Failure failure(int arrived, String reason, String... paths) {
    return Failure.of(failed(reason, paths), false, arrived);
  }

  private static List<FailedFile> failed(String reason, String... paths) {
    var failed = new ArrayList<FailedFile>();
    for (String path : paths) {
      failed.add(FailedFile.newBuilder().setPath(path).setReason(reason).build());
    }
    return failed;
  }
}
