package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.NodeId;
import io.ringrift.managers.sync.SyncPlanning.Office;
import io.ringrift.managers.sync.SyncPlanning.Wants;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SyncPlanningTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");
  private static final NodeId C = new NodeId("c");
  private static final NodeId D = new NodeId("d");

  private final TreeMap<NodeId, List<Content>> holdings = new TreeMap<>();

  @Test
  void everyNodeGetsWhatItLacks() {
    holds(A, file("selfplay/1.db", "x"));
    holds(B, file("selfplay/2.db", "y"));
    holds(C);

    var plan = SyncPlanning.plan(holdings, everyone());

    assertThat(plan.moves().stream().map(move -> move.source() + ">" + move.target()))
        .containsExactly("b>a", "a>b", "a>c", "b>c");
    assertThat(plan.files()).isEqualTo(4);
    assertThat(plan.missingCopies()).isEqualTo(4);
  }

  @Test
  void nothingMovesWhenAllIsInPlace() {
    holds(A, file("selfplay/1.db", "x"));
    holds(B, file("selfplay/1.db", "x"));

    assertThat(SyncPlanning.plan(holdings, everyone()).moves()).isEmpty();
  }

  @Test
  void withoutManifestsNothingMoves() {
    var plan = SyncPlanning.plan(holdings, everyone());

    assertThat(plan.moves()).isEmpty();
    assertThat(plan.missingCopies()).isZero();
  }

  @Test
  void otherContentUnderOnePathIsAConflictThatMovesNothing() {
    holds(A, file("selfplay/1.db", "x"));
    holds(B, file("selfplay/1.db", "y"));
    holds(C);

    var plan = SyncPlanning.plan(holdings, everyone());

    assertThat(plan.moves()).isEmpty();
    assertThat(plan.clashes())
        .containsExactly(
            new CopyPlan.Clash("selfplay/1.db", new TreeMap<>(Map.of(A, hash("x"), B, hash("y")))));
  }

  @Test
  void aTruncatedFileOfTheSameNameIsNotTakenForPresent() {
    holds(A, new Content("selfplay/1.db", 10, hash("x")));
    holds(B, new Content("selfplay/1.db", 4, hash("x")));

    assertThat(SyncPlanning.plan(holdings, everyone()).clashes()).hasSize(1);
  }

  @Test
  void sourcesShareTheLoad() {
    var files = IntStream.range(0, 100).mapToObj(i -> file("selfplay/" + i + ".db", "x")).toList();
    holdings.put(A, files);
    holdings.put(B, files);
    holds(C);

    var plan = SyncPlanning.plan(holdings, everyone());

    var bySource =
        plan.moves().stream()
            .collect(
                Collectors.groupingBy(
                    CopyPlan.Move::source, Collectors.summingInt(move -> move.files().size())));
    assertThat(bySource).containsOnly(Map.entry(A, 50), Map.entry(B, 50));
    assertThat(plan.moves().getFirst().alternates()).containsExactly(B);
  }

  @Test
  void aMoveHasAtMostFiftyFiles() {
    holdings.put(
        A, IntStream.range(0, 120).mapToObj(i -> file("selfplay/" + i + ".db", "x")).toList());
    holds(B);

    assertThat(SyncPlanning.plan(holdings, everyone()).moves())
        .extracting(move -> move.files().size())
        .containsExactly(50, 50, 20);
  }

  @Test
  void theReplicationTargetBoundsTheCopies() {
    holds(A, file("selfplay/1.db", "x"), file("selfplay/2.db", "x"));
    holds(B);
    holds(C);

    var plan = SyncPlanning.plan(holdings, new Wants(new TreeSet<>(List.of(A, B, C)), Map.of(), 2));

    assertThat(plan.files()).isEqualTo(2);
    assertThat(plan.moves().stream().map(CopyPlan.Move::target)).containsExactly(B, C);
  }

  @Test
  void whoDrainsIsASourceAndNoCopy() {
    holds(A, file("selfplay/1.db", "x"));
    holds(B, file("selfplay/1.db", "x"));
    holds(C);
    holds(D);

    var plan = SyncPlanning.plan(holdings, leaving(2, Set.of(A, B), C, D));

    assertThat(plan.targets()).containsExactly(C, D);
    assertThat(plan.missingCopies()).isEqualTo(2);
    assertThat(plan.moves()).extracting(CopyPlan.Move::source).containsExactly(A, B);
    holds(C, file("selfplay/1.db", "x"));
    holds(D, file("selfplay/1.db", "x"));
    assertThat(SyncPlanning.plan(holdings, leaving(2, Set.of(A, B), C, D)).missingCopies())
        .isZero();
  }

  @Test
  void theModelInOfficeGoesToAllWhoPlayBeyondTheReplicationTarget() {
    holds(A, file("models/m.bin", "m"), file("models/old.bin", "x"));
    holds(B);
    holds(C);
    holds(D);

    var plan = SyncPlanning.plan(holdings, office(Map.of(), 1, B, D));

    assertThat(plan.targets()).containsExactly(B, D);
    assertThat(plan.paths(B)).containsExactly("models/m.bin");
    assertThat(plan.missingCopies()).isEqualTo(2);
  }

  @Test
  void copiesAtWhoPlaysCountForTheReplicationTarget() {
    holds(A, file("models/m.bin", "m"));
    holds(B);
    holds(C);
    holds(D);

    assertThat(SyncPlanning.plan(holdings, office(Map.of(), 2, D)).targets()).containsExactly(D);
    assertThat(SyncPlanning.plan(holdings, office(Map.of(), 3, D)).targets()).containsExactly(B, D);
  }

  @Test
  void whoPlaysAndHasNoRoomIsNotReplacedByOneThatDoesNotPlay() {
    holds(A, file("models/m.bin", "m"));
    holds(B);
    holds(C);
    holds(D);

    var plan = SyncPlanning.plan(holdings, office(Map.of(B, 9L), 1, B));

    assertThat(plan.moves()).isEmpty();
    assertThat(plan.missingCopies()).isEqualTo(1);
  }

  @Test
  void anotherContentThanTheModelInOfficeIsNoModelInOffice() {
    holds(A, file("models/m.bin", "other"));
    holds(B);

    assertThat(SyncPlanning.plan(holdings, office(Map.of(), 1, B)).moves()).isEmpty();
  }

  @Test
  void aTargetWithoutRoomIsLeftOutAndStillCounted() {
    holds(A, file("selfplay/1.db", "x"));
    holds(B);

    var plan =
        SyncPlanning.plan(holdings, new Wants(new TreeSet<>(List.of(A, B)), Map.of(B, 9L), 0));

    assertThat(plan.moves()).isEmpty();
    assertThat(plan.missingCopies()).isEqualTo(1);
  }

  @Test
  void aNodeWhoseManifestIsMissingReceivesNothing() {
    holds(A, file("selfplay/1.db", "x"));

    assertThat(SyncPlanning.plan(holdings, everyone()).moves()).isEmpty();
  }

  @Test
  void theOrderOfManifestEntriesDoesNotMatter() {
    var files =
        new ArrayList<>(
            IntStream.range(0, 200)
                .mapToObj(i -> new Content("selfplay/" + i + ".db", i, hash("h" + i)))
                .toList());
    holdings.put(A, List.copyOf(files));
    holdings.put(B, List.of());
    var plan = SyncPlanning.plan(holdings, everyone());
    Collections.reverse(files);
    holdings.put(A, files);

    assertThat(SyncPlanning.plan(holdings, everyone())).isEqualTo(plan);
  }

  @Test
  void eachOfTwentyThousandEntriesIsReadOnce() {
    var files = new CountedList(20_000);
    holdings.put(A, files);
    holds(B);
    holds(C);

    var plan = SyncPlanning.plan(holdings, everyone());

    assertThat(plan.files()).isEqualTo(40_000);
    assertThat(files.reads).isEqualTo(20_000);
  }

  private void holds(NodeId node, Content... files) {
    holdings.put(node, Arrays.asList(files));
  }

  /// models/m.bin with the content m is in office.
  private static Wants office(Map<NodeId, Long> room, int replicationTarget, NodeId... players) {
    return new Wants(
        new TreeSet<>(List.of(A, B, C, D)),
        room,
        replicationTarget,
        new Office(Map.of("models/m.bin", hash("m")), Set.of(players)),
        Set.of(),
        Set.of());
  }

  private static Wants leaving(int replicationTarget, Set<NodeId> leaving, NodeId... targets) {
    return new Wants(
        new TreeSet<>(Arrays.asList(targets)),
        Map.of(),
        replicationTarget,
        new Office(Map.of(), Set.of()),
        Set.of(),
        leaving);
  }

  private static Wants everyone() {
    return new Wants(new TreeSet<>(List.of(A, B, C)), Map.of(), 0);
  }

  private static Content file(String path, String content) {
    return new Content(path, 10, hash(content));
  }

  private static String hash(String content) {
    return FileDigest.ofText(content);
  }

  private static final class CountedList extends AbstractList<Content> {
    private final int size;
    private int reads;

    CountedList(int size) {
      this.size = size;
    }

    @Override
    public Content get(int index) {
      reads++;
      return new Content("selfplay/" + index + ".db", 1, "h");
    }

    @Override
    public int size() {
      return size;
    }
  }
}
