package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.sync.v1.Conflict;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.PlanSyncRequest;
import io.ringrift.sync.v1.SyncPlan;
import io.ringrift.sync.v1.SyncServiceGrpc.SyncServiceBlockingStub;
import io.ringrift.sync.v1.Transfer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Plans that are too long for one message.
final class ToldPlanTest {
  private static final NodeId A = new NodeId("a");
  private static final NodeId B = new NodeId("b");

  /// What a client takes in one message.
  private static final long CLIENTS_LIMIT = 16 << 20;

  @TempDir private Path folder;

  @Test
  void aPlanBeyondOneMessageIsToldInPagesAndNothingIsLost() {
    var plan = ToldPlan.of(plan(100_000, 3000), List.of(new NodeId("z")));
    var transfers = new ArrayList<Transfer>();
    var conflicts = new ArrayList<Conflict>();
    long bytes = 0;

    for (var page = plan.first(ToldPlan.SHORT); ; page = next(plan, page)) {
      assertThat(page.getSerializedSize()).isLessThan(2 << 20);
      assertThat(page)
          .returns(100_000L, SyncPlan::getTotalFiles)
          .returns(2000L, SyncPlan::getTotalTransfers)
          .returns(3000L, SyncPlan::getTotalConflicts)
          .returns(plan.id(), SyncPlan::getPlanId);
      transfers.addAll(page.getTransfersList());
      conflicts.addAll(page.getConflictsList());
      bytes += page.getSerializedSize();
      if (page.getNextPageToken().isEmpty()) {
        break;
      }
    }

    assertThat(bytes).as("one message of all").isGreaterThan(CLIENTS_LIMIT);
    assertThat(transfers).hasSize(2000).doesNotHaveDuplicates();
    assertThat(transfers.stream().mapToInt(Transfer::getFilesCount).sum()).isEqualTo(100_000);
    assertThat(conflicts).hasSize(3000).doesNotHaveDuplicates();
  }

  @Test
  void theIdIsThatOfTheContent() {
    var plan = ToldPlan.of(plan(100, 3), List.of());

    assertThat(ToldPlan.of(plan(100, 3), List.of()).id()).isEqualTo(plan.id());
    assertThat(ToldPlan.of(plan(101, 3), List.of()).id()).isNotEqualTo(plan.id());
    assertThat(ToldPlan.of(plan(100, 4), List.of()).id()).isNotEqualTo(plan.id());
    assertThat(ToldPlan.of(plan(100, 3), List.of(A)).id()).isNotEqualTo(plan.id());
  }

  @Test
  void tokensThatNoPageToldAreRefused() {
    var plan = ToldPlan.of(plan(100, 3), List.of());

    for (String end : List.of("0", "-1", "x", "5", "99999999999")) {
      assertThatThrownBy(() -> plan.after(plan.id() + ":" + end))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("page_token");
    }
    assertThat(plan.after("plan-0:1")).isEmpty();
    assertThat(plan.after("x")).isEmpty();
  }

  @Test
  void leaderAndRunTellALongPlanInPages() throws Exception {
    try (var cluster = new SyncCluster(folder, "a", "b")) {
      String deep = "selfplay/" + "f".repeat(240) + "/" + "g".repeat(240) + "/" + "h".repeat(240);
      for (int i = 0; i < 1400; i++) {
        cluster.node("a").write(deep + "/%0200d.jsonl".formatted(i), new byte[] {(byte) i});
      }
      var stub = cluster.node("a").stub();

      var first = stub.planSync(PlanSyncRequest.getDefaultInstance()).getPlan();
      assertThat(paths(stub, first)).hasSize(1400);
      assertThat(first.getNextPageToken()).isNotEmpty();

      var ran = cluster.run();
      assertThat(ran.getSuccess()).isTrue();
      assertThat(ran.getFilesCompleted()).isEqualTo(1400);
      assertThat(ran.getSerializedSize()).isLessThan(256 << 10);
      assertThat(paths(stub, ran.getPlan())).hasSize(1400);
      assertThatThrownBy(() -> paths(stub, first.toBuilder().setNextPageToken("plan-x:1").build()))
          .hasMessageContaining("page_token");
    }
  }

  /// Paths of a page and of all behind it.
  private static Set<String> paths(SyncServiceBlockingStub stub, SyncPlan first) {
    var paths = new TreeSet<String>();
    for (var page = first; ; ) {
      page.getTransfersList().stream()
          .flatMap(transfer -> transfer.getFilesList().stream())
          .map(FileEntry::getPath)
          .forEach(paths::add);
      if (page.getNextPageToken().isEmpty()) {
        return paths;
      }
      var request = PlanSyncRequest.newBuilder().setPageToken(page.getNextPageToken()).build();
      page = stub.planSync(request).getPlan();
    }
  }

  private static SyncPlan next(ToldPlan plan, SyncPlan page) {
    return plan.after(page.getNextPageToken()).orElseThrow();
  }

  private static CopyPlan plan(int files, int clashes) {
    var holdings = new TreeMap<NodeId, List<Content>>();
    holdings.put(
        A, IntStream.range(0, files).mapToObj(i -> content("selfplay/hex8_2p/", i)).toList());
    holdings.put(B, List.of());
    var wants = new SyncPlanning.Wants(new TreeSet<>(holdings.keySet()), Map.of(), 0);
    var copies = SyncPlanning.plan(holdings, wants);
    var all =
        IntStream.range(0, clashes)
            .mapToObj(
                i ->
                    new CopyPlan.Clash(
                        content("games/", i).path(),
                        Map.of(A, content("", i).sha256(), B, content("", i + 1).sha256())))
            .toList();
    return new CopyPlan(copies.moves(), all, copies.missingCopies());
  }

  private static Content content(String folder, int number) {
    String path = folder + "run-of-a-long-name-%020d/game-%020d.db".formatted(number, number);
    return new Content(path, number, FileDigest.ofText("" + number));
  }
}
