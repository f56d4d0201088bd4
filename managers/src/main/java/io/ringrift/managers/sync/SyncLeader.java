package io.ringrift.managers.sync;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Services;
import io.ringrift.sync.v1.GetSyncStatusResponse;
import io.ringrift.sync.v1.RunSyncRequest;
import io.ringrift.sync.v1.RunSyncResponse;
import io.ringrift.sync.v1.SyncPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The leader's part: collects, plans, runs; one run at a time. Blocks; safe for any thread.
final class SyncLeader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SyncLeader.class);
  private static final int REMEMBERED = 100;

  private final Services services;
  private final Membership membership;
  private final Consensus consensus;
  private final SyncConfig config;
  private final Ticker ticker;
  private final SyncCounters counters;
  private final ManifestCollection manifests;
  private final SyncTargets targets;
  private final SyncEvents events;
  private final SyncRun runs;
  private final FailingTargets failing;
  private final FailingTargets failingInTraining;
  private final AtomicReference<SyncState> state = new AtomicReference<>(SyncState.IDLE);
  private final AtomicBoolean running = new AtomicBoolean();
  private final AtomicReference<Optional<Thread>> background =
      new AtomicReference<>(Optional.empty());
  private final Map<String, RunSyncResponse> answered = new LinkedHashMap<>();
  private volatile Optional<ToldPlan> ran = Optional.empty();
  private volatile Optional<ToldPlan> made = Optional.empty();
  private volatile long missingCopies;
  private volatile Optional<Map<String, Long>> games = Optional.empty();
  private volatile Optional<ManifestCollection.Collected> counted = Optional.empty();

  SyncLeader(
      Services services,
      Membership membership,
      Consensus consensus,
      SyncConfig config,
      Ticker ticker,
      SyncCounters counters,
      ManifestCollection manifests) {
    this.services = services;
    this.membership = membership;
    this.consensus = consensus;
    this.config = config;
    this.ticker = ticker;
    this.counters = counters;
    this.manifests = manifests;
    this.targets = new SyncTargets(services, membership, config);
    this.events = new SyncEvents(services, counters);
    this.runs = new SyncRun(services, consensus, config, counters, state, ticker);
    var aside = new AtomicReference<>(SyncState.IDLE);
    var tries = new SyncRun(services, consensus, config, counters, aside, ticker);
    this.failing = failing(RunNews.Type.ALL, tries);
    this.failingInTraining = failing(RunNews.Type.TRAINING, tries);
  }

  private FailingTargets failing(RunNews.Type type, SyncRun tries) {
    return new FailingTargets(type, membership, consensus, tries, events, counters, ticker);
  }

  /// The epoch in which this node leads now.
  ///
  /// @throws Refusal NOT_LEADER with the leader, or NO_QUORUM when nobody is known to lead
  Epoch requireLeader() {
    Leadership leadership = consensus.leadership();
    NodeId leader =
        leadership
            .leader()
            .orElseThrow(
                () ->
                    new Refusal(
                        Reason.NO_QUORUM, "nobody leads at present; sync waits for a leader"));
    if (leader.equals(services.self()) && consensus.leadsNow(leadership.epoch())) {
      return leadership.epoch();
    }
    String address =
        membership.member(leader).flatMap(Member::endpoint).map(Endpoint::toString).orElse("");
    throw new Refusal(
            Reason.NOT_LEADER, leader + " leads; ask it " + (address.isEmpty() ? "" : address))
        .with("leader_id", leader.value())
        .with("leader_address", address);
  }

  /// Plans without doing anything, or reads on in a plan made or run before.
  ///
  /// @param token empty for a new plan
  SyncPlan plan(String token) throws InterruptedException {
    requireLeader();
    if (token.isEmpty()) {
      var plan = planned().told();
      made = Optional.of(plan);
      return plan.first(ToldPlan.PAGE);
    }
    return made.flatMap(plan -> plan.after(token))
        .or(() -> ran.flatMap(plan -> plan.after(token)))
        .orElseThrow(() -> ToldPlan.bad(token));
  }

  /// Scans and fetches manifests, so that status and plans are fresh.
  void collect() throws InterruptedException {
    if (running.get()) {
      return;
    }
    missingCopies = planned().all().missingCopies();
  }

  /// Self-play games by configuration, by the last collection of this time in office.
  Optional<Map<String, Long>> games() {
    return games;
  }

  /// This node does not lead: what it collected grows old.
  void forget() {
    games = Optional.empty();
    counted = Optional.empty();
  }

  /// A client's run. A repeated request_id gets the first answer.
  RunSyncResponse run(RunSyncRequest request) throws InterruptedException {
    Epoch epoch = requireLeader();
    var before = remembered(request.getRequestId());
    if (before.isPresent()) {
      return before.get();
    }
    begin();
    boolean handedOver = false;
    try {
      var planned = collectAndPlan().told();
      if (request.getWait()) {
        return remember(request.getRequestId(), execute(epoch, failing, planned));
      }
      handedOver = true;
      var thread = Thread.ofVirtual().name("data-sync").unstarted(() -> goOn(epoch, planned));
      background.set(Optional.of(thread));
      thread.start();
      var answer = RunSyncResponse.newBuilder().setPlan(planned.first(ToldPlan.SHORT)).build();
      return remember(request.getRequestId(), answer);
    } finally {
      if (!handedOver) {
        end();
      }
    }
  }

  /// One round of the loop; a run under way is left alone.
  ///
  /// @throws Refusal with the first file that did not arrive
  void round(Epoch epoch) throws InterruptedException {
    if (!running.compareAndSet(false, true)) {
      return;
    }
    try {
      requireSuccess(finish(epoch, failing, collectAndPlan()));
    } finally {
      end();
    }
  }

  private static void requireSuccess(RunSyncResponse response) {
    if (!response.getSuccess()) {
      var first = response.getFailed(0);
      throw new Refusal(
          Reason.UNREACHABLE,
          response.getFilesFailed()
              + " copies failed, first "
              + first.getPath()
              + " to "
              + first.getTargetNodeId()
              + ": "
              + first.getDetail());
    }
  }

  /// One round of bringing self-play data to the nodes that train; a run under way is left alone.
  ///
  /// @throws Refusal with the first file that did not arrive
  void trainingRound(Epoch epoch) throws InterruptedException {
    var wants = targets.training();
    if (wants.targets().isEmpty()) {
      var _ = failingInTraining.begin(epoch, RoundPlan.nothing(List.of()));
      return;
    }
    if (!running.compareAndSet(false, true)) {
      return;
    }
    long others = missingCopies;
    try {
      state.set(SyncState.COLLECTING);
      var collected = manifests.collectedWithin(config.manifestInterval());
      var missing = collected.failures().keySet();
      var plan = RoundPlan.of(TrainingData.of(collected.holdings()), wants, missing);
      var response = finish(epoch, failingInTraining, plan);
      counters.set(SyncCounters.TRAINING_NODES, wants.targets().size());
      requireSuccess(response);
    } finally {
      missingCopies = others;
      end();
    }
  }

  /// Some target fails in rounds of any type.
  boolean fails() {
    return !failing.none() || !failingInTraining.none();
  }

  GetSyncStatusResponse status() {
    boolean leads = consensus.leadsNow(consensus.leadership().epoch());
    var status =
        GetSyncStatusResponse.newBuilder()
            .setNodeId(services.self().value())
            .setIsLeader(leads)
            .setState(presentState().name())
            .setLastPlan(
                ran.map(plan -> plan.first(ToldPlan.SHORT)).orElse(SyncPlan.getDefaultInstance()))
            .putAllCounters(counters.read())
            .setMissingFiles(leads ? missingCopies : 0);
    if (leads) {
      status.addAllFailingTargets(failing.told());
      status.addAllFailingTargets(failingInTraining.told());
    }
    counters
        .lastSync()
        .map(at -> ticker.now().since(at))
        .ifPresent(
            age ->
                status.setLastSyncAge(
                    com.google.protobuf.Duration.newBuilder()
                        .setSeconds(age.getSeconds())
                        .setNanos(age.getNano())));
    return status.build();
  }

  /// SYNCED holds until what was collected is old.
  private SyncState presentState() {
    SyncState now = state.get();
    boolean old =
        counters
            .lastSync()
            .filter(at -> ticker.now().since(at).compareTo(config.manifestInterval()) < 0)
            .isEmpty();
    return now == SyncState.SYNCED && old ? SyncState.IDLE : now;
  }

  private void begin() {
    if (!running.compareAndSet(false, true)) {
      throw new Refusal(
          Reason.SYNC_IN_PROGRESS,
          "sync is already in progress ("
              + ran.map(ToldPlan::id).orElse("collecting")
              + "); see `sync status`");
    }
  }

  private void end() {
    if (state.get() != SyncState.SYNCED) {
      state.set(SyncState.IDLE);
    }
    running.set(false);
  }

  private RoundPlan collectAndPlan() throws InterruptedException {
    state.set(SyncState.COLLECTING);
    var planned = planned();
    ran = Optional.of(planned.told());
    missingCopies = planned.all().missingCopies();
    return planned;
  }

  private RoundPlan planned() throws InterruptedException {
    var collected = manifests.collect();
    if (games.isEmpty() || counted.filter(collected::finds).isEmpty()) {
      games = Optional.of(GameTotals.of(collected.manifests().values()));
      counted = Optional.of(collected);
    }
    Moment from = ticker.now();
    var missing = collected.failures().keySet();
    var plan =
        collected.identical()
            ? RoundPlan.nothing(missing)
            : RoundPlan.of(collected.holdings(), targets.wants(), missing);
    counters.planned(ticker.now().since(from));
    counters.add(SyncCounters.PLANS, 1);
    collected.failures().forEach((node, cause) -> LOG.info("no manifest of {}: {}", node, cause));
    return plan;
  }

  /// A round: what failed to arrive rests, and is tried beside it.
  private RunSyncResponse finish(Epoch epoch, FailingTargets failures, RoundPlan planned)
      throws InterruptedException {
    var now = failures.begin(epoch, planned);
    return execute(epoch, failures, planned.told().only(now));
  }

  private RunSyncResponse execute(Epoch epoch, FailingTargets failures, ToldPlan planned)
      throws InterruptedException {
    if (planned.plan().moves().isEmpty()) {
      var nothing =
          RunSyncResponse.newBuilder()
              .setPlan(planned.first(ToldPlan.SHORT))
              .setSuccess(true)
              .build();
      return synced(failures, nothing);
    }
    var news = new RunNews(services.self(), failures.type(), planned);
    events.record(epoch, SyncEvents.STARTED, planned.id(), news.started());
    Moment from = ticker.now();
    var outcome = runs.execute(epoch, planned.plan(), planned.first(ToldPlan.SHORT));
    var response = outcome.response();
    missingCopies = Math.max(0, planned.plan().missingCopies() - response.getFilesCompleted());
    String kind = response.getSuccess() ? SyncEvents.COMPLETED : SyncEvents.FAILED;
    events.record(epoch, kind, planned.id(), news.ended(response, ticker.now().since(from)));
    failures.note(epoch, planned.plan(), outcome);
    return synced(failures, response);
  }

  /// While a target fails nothing counts as synced: it lacks what it rests from.
  private RunSyncResponse synced(FailingTargets failures, RunSyncResponse response) {
    if (response.getSuccess() && failures.none()) {
      counters.synced();
      state.set(SyncState.SYNCED);
    }
    return response;
  }

  private void goOn(Epoch epoch, ToldPlan planned) {
    try {
      var response = execute(epoch, failing, planned);
      LOG.info("{} ended, success {}", planned.id(), response.getSuccess());
    } catch (InterruptedException e) {
      LOG.info("{} was cut short by the end of the node", planned.id());
    } finally {
      background.set(Optional.empty());
      end();
    }
  }

  private Optional<RunSyncResponse> remembered(String requestId) {
    synchronized (answered) {
      return Optional.ofNullable(answered.get(requestId));
    }
  }

  private RunSyncResponse remember(String requestId, RunSyncResponse response) {
    if (!requestId.isEmpty()) {
      synchronized (answered) {
        answered.put(requestId, response);
        if (answered.size() > REMEMBERED) {
          answered.remove(answered.keySet().iterator().next());
        }
      }
    }
    return response;
  }

  @Override
  public void close() {
    background.get().ifPresent(Thread::interrupt);
    failing.close();
    failingInTraining.close();
  }
}
