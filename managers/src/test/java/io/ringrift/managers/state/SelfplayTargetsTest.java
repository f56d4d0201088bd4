package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.queue.v1.ClaimRef;
import io.ringrift.queue.v1.ClaimWorkRequest;
import io.ringrift.queue.v1.CompleteWorkRequest;
import io.ringrift.queue.v1.ExplainWorkRequest;
import io.ringrift.queue.v1.StartWorkRequest;
import io.ringrift.queue.v1.SubmitWorkRequest;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.selfplay.v1.GetTargetsRequest;
import io.ringrift.selfplay.v1.NodeTarget;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Targets of SPEC 5.5 decide who gets self-play: the desk, the scheduler and the state together.
class SelfplayTargetsTest extends SelfplayBed {
  /// How far the queue's clock has been put forward.
  private volatile java.time.Duration ahead = java.time.Duration.ZERO;

  @Override
  Ticker queueTicker() {
    return () -> Ticker.system().now().plus(ahead);
  }

  private List<WorkItem> claims(ClaimWorkRequest.Builder request) {
    return queue().claimWork(request.build()).getItemsList();
  }

  private void submitGames(int items) {
    for (int i = 0; i < items; i++) {
      submit(Ledgers.selfplay());
    }
  }

  private void complete(WorkItem item) {
    var claim =
        ClaimRef.newBuilder()
            .setWorkId(item.getWorkId())
            .setClaimToken(item.getClaimToken())
            .setWorkerId(item.getClaimedBy());
    var _ = queue().startWork(StartWorkRequest.newBuilder().setClaim(claim).build());
    var _ = queue().completeWork(CompleteWorkRequest.newBuilder().setClaim(claim).build());
  }

  /// Has ten processors and no GPU: its cap is three, and at first two more than it plays.
  private static NodeView playing(String id, int jobs) {
    var view = node(id, "ALIVE", 16).toBuilder();
    view.getFactsBuilder().setSelfplayJobs(jobs);
    return view.build();
  }

  @Test
  void aNodeGetsNoMoreSelfPlayThanItsTarget() {
    submitGames(10);
    var held = claims(claim("n1").setMaxItems(8));
    assertThat(held).hasSize(2);
    assertThat(claims(claim("n1").setMaxItems(8))).isEmpty();
    complete(held.getFirst());
    assertThat(claims(claim("n1").setMaxItems(8))).hasSize(1);
  }

  @Test
  void aClientThatIsNoNodeHasNoTarget() {
    submitGames(10);
    assertThat(claims(claim("client").setMaxItems(8))).hasSize(8);
  }

  @Test
  void aNodeWithATargetOfNoneGetsOtherWorkAndNoSelfPlay() {
    nodes = List.of(node("n1", "ALIVE", 4));
    submitGames(3);
    String export = submit(WorkSpec.newBuilder().setWorkType("export")).getWorkId();
    assertThat(claims(claim("n1").addCapabilities("export").setMaxItems(4)))
        .extracting(WorkItem::getWorkId)
        .containsExactly(export);
    assertThat(claims(claim("n1"))).isEmpty();
  }

  @Test
  void whenGamesAreWantedAndNoNodePlaysTheLeaderSaysWhy() {
    nodes = List.of(node("n1", "ALIVE", 4), node("n2", "DEAD", 64));
    round("selfplay_events", 1);
    round("selfplay_targets", 1);
    var health = selfplay().health();
    assertThat(health.status()).isEqualTo(Health.Status.DEGRADED);
    assertThat(health.message()).contains("n1: 4.0 GiB", "selfplay.min_memory_gb", "n2: not alive");
    nodes = List.of(node("n1", "ALIVE", 4), node("n2", "ALIVE", 64));
    round("selfplay_targets", 1);
    assertThat(selfplay().health().status()).isEqualTo(Health.Status.RUNNING);
  }

  @Test
  void whileSelfPlayIsOffOnlyGamesThatWaitAreMissed() {
    config = config(false, 1000, 1);
    nodes = List.of(node("n1", "ALIVE", 4));
    round("selfplay_targets", 1);
    assertThat(selfplay().health().status()).isEqualTo(Health.Status.RUNNING);
    submitGames(1);
    round("selfplay_targets", 1);
    assertThat(selfplay().health().status()).isEqualTo(Health.Status.DEGRADED);
  }

  @Test
  void aClaimThatWaitsGetsAGameWhenOneOfItsNodeHasEnded() {
    submitGames(10);
    var held = claims(claim("n1").setMaxItems(8));
    var patient = claim("n1").setMaxItems(8).setWait(Duration.newBuilder().setSeconds(15));
    var waiting = CompletableFuture.supplyAsync(() -> claims(patient), threads);
    Awaitility.await().until(() -> "1".equals(work.health().details().get("waiting_claims")));
    complete(held.getFirst());
    assertThat(waiting)
        .succeedsWithin(java.time.Duration.ofSeconds(10))
        .satisfies(items -> assertThat(items).hasSize(1));
  }

  @Test
  void anItemThatNobodyMayHaveByItsTargetSaysSo() {
    submitGames(10);
    assertThat(claims(claim("n1").setMaxItems(8))).hasSize(2);
    var waiting = items().stream().filter(item -> item.getClaimedBy().isEmpty()).toList();
    var explained =
        queue()
            .explainWork(
                ExplainWorkRequest.newBuilder().setWorkId(waiting.getFirst().getWorkId()).build());
    assertThat(explained.getNodes(0).getFeasible()).isFalse();
    assertThat(explained.getNodes(0).getReason()).isEqualTo("TARGET_REACHED");
    assertThat(explained.getNodes(0).getDetail()).startsWith("plays 2 of 2: two more than now");
    assertThat(explained.getUnblock()).contains("selfplay targets");
  }

  @Test
  void whileOneClaimReadsTargetsAnotherGoesByThoseBefore() throws Exception {
    submitGames(10);
    assertThat(claims(claim("n1").setMaxItems(8))).hasSize(2);
    ahead = ahead.plusSeconds(2);
    var told = new CountDownLatch(1);
    int before = listed.get();
    whileListing = () -> await(told);
    var reads = CompletableFuture.supplyAsync(() -> claims(claim("n1")), threads);
    Awaitility.await().until(() -> listed.get() == before + 1);
    var other = CompletableFuture.supplyAsync(() -> claims(claim("n1")), threads);
    try {
      assertThat(other).succeedsWithin(java.time.Duration.ofSeconds(3));
      assertThat(listed).hasValue(before + 1);
    } finally {
      told.countDown();
    }
    assertThat(reads).succeedsWithin(java.time.Duration.ofSeconds(10));
  }

  private static void await(CountDownLatch latch) {
    try {
      var _ = latch.await(4, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void targetsAreAsOldAsTheirAnswer() {
    submitGames(10);
    whileListing = () -> ahead = ahead.plusSeconds(2);
    assertThat(claims(claim("n1").setMaxItems(8))).hasSize(2);
    int before = listed.get();
    assertThat(claims(claim("n1").setMaxItems(8))).isEmpty();
    assertThat(listed).hasValue(before);
  }

  @Test
  void whileTargetsCannotBeReadNobodyIsHeldBack() {
    submitGames(10);
    placementFails = true;
    assertThat(claims(claim("n1").setMaxItems(8))).hasSize(8);
  }

  private NodeTarget target() {
    return stub().getTargets(GetTargetsRequest.getDefaultInstance()).getTargets(0);
  }

  @Test
  void selfPlayThatWaitsLowersNoTarget() {
    nodes = List.of(playing("n1", 3));
    for (int i = 0; i < 6; i++) {
      submit("selfplay", 100);
    }
    submit("export", 99);
    assertThat(target().getTotalJobs()).isEqualTo(3);
  }

  @Test
  void otherWorkThatPilesUpHalvesTheTarget() {
    nodes = List.of(playing("n1", 3));
    for (int i = 0; i < 5; i++) {
      submit("export", 100);
    }
    assertThat(target().getTotalJobs()).isEqualTo(1);
    assertThat(target().getCausesList()).contains("backpressure: 1");
  }

  private void submit(String type, int items) {
    var request = SubmitWorkRequest.newBuilder();
    for (int i = 0; i < items; i++) {
      request.addItems(WorkSpec.newBuilder().setWorkType(type).setPriority(60));
    }
    var _ = queue().submitWork(request.build());
  }

  @Test
  void anItemThatAsksForMemoryIsForNodesThatHaveIt() {
    var large = Ledgers.selfplay();
    large.getJobBuilder().setMemoryBytes(48L << 30);
    String id = submit(large).getWorkId();
    assertThat(claims(claim("w").setMemoryBytes((48L << 30) - 1))).isEmpty();
    assertThat(claims(claim("w").setMemoryBytes(48L << 30)))
        .extracting(WorkItem::getWorkId)
        .containsExactly(id);
    submit(large);
    assertThat(claims(claim("w"))).hasSize(1);
  }
}
