package io.ringrift.managers.job;

import io.grpc.BindableService;
import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobState;
import io.ringrift.job.v1.ProcessView;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import io.ringrift.managers.Services;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Jobs: takes them on any node's behalf and, where this node leads, gives them to nodes and keeps
/// the job table true. One loop does all that changes jobs, so its steps never race each other; the
/// reaper only tells it where to look.
public final class JobManager implements Manager {
  private static final int MOST_PENDING = 1000;
  private static final int MOST_LOST_PER_ROUND = 10;

  /// How long a new leader's first look at the nodes may hold up its first orders; who took longer
  /// is asked again with more patience.
  private static final Duration FIRST_LOOK = Duration.ofSeconds(2);

  private static final List<JobState> HELD =
      List.of(
          JobState.JOB_STATE_CLAIMED,
          JobState.JOB_STATE_STARTING,
          JobState.JOB_STATE_RUNNING,
          JobState.JOB_STATE_LOST);

  private final Services services;
  private final Membership membership;
  private final Consensus consensus;
  private final Ticker ticker;
  private final Supplier<JobConfig> config;
  private final JobTableClient table;
  private final Dispatcher dispatcher;
  private final JobKeeper keeper;
  private final JobReaper reaper;
  private final StateHints hints;
  private final JobOutcomes outcomes = new JobOutcomes();

  /// Nodes to compare with the table; filled by membership's thread and the reaper.
  private final Set<NodeId> compare = new ConcurrentSkipListSet<>();

  private Optional<Epoch> office = Optional.empty();
  private Moment opened = Moment.MIN;

  /// @param config what is configured now, any thread; intervals are those of the start
  public JobManager(
      Services services,
      Membership membership,
      Consensus consensus,
      Ticker ticker,
      Supplier<JobConfig> config) {
    this.services = services;
    this.membership = membership;
    this.consensus = consensus;
    this.ticker = ticker;
    this.config = config;
    this.table = new JobTableClient(services, config.get().callTimeout(), outcomes);
    this.dispatcher = new Dispatcher(services, table, config, ticker, this::alive);
    this.keeper = new JobKeeper(services, table, config);
    this.reaper = new JobReaper(table, config.get().reaper());
    this.hints = new StateHints(services);
    // The subscription ends with the membership, which outlives its managers.
    var _ = membership.subscribe(this::on);
  }

  private void on(MembershipEvent event) {
    switch (event) {
      case MembershipEvent.Joined(Member member) -> {
        outcomes.hostOnline();
        compare.add(member.id());
      }
      case MembershipEvent.Refuted(Member member) -> {
        outcomes.nodeRecovered();
        compare.add(member.id());
      }
      case MembershipEvent.Suspected _,
          MembershipEvent.Died _,
          MembershipEvent.Left _,
          MembershipEvent.Retired _,
          MembershipEvent.Purged _ -> {}
    }
    hints.ring();
  }

  private boolean alive(NodeId node) {
    return node.equals(services.self())
        || membership.member(node).filter(Member::alive).isPresent();
  }

  @Override
  public List<LoopSpec> loops() {
    return List.of(
        new LoopSpec(
            "job_dispatch",
            Duration.ofMillis(10),
            Duration.ZERO,
            true,
            List.of(),
            this::round,
            this::counters),
        new LoopSpec(
            "job_reaper",
            config.get().reaperInterval(),
            config.get().reaperInterval(),
            true,
            List.of(),
            duty -> {
              compareAll();
              Epoch epoch = duty.orElseThrow();
              reaper.reap(epoch, () -> guard(epoch));
            },
            reaper::reaped),
        new LoopSpec(
            "stuck_recovery",
            config.get().reaperInterval(),
            config.get().reaperInterval(),
            true,
            List.of("job_reaper"),
            duty -> {
              Epoch epoch = duty.orElseThrow();
              // What was given up may still run at its node: comparing finds it and stops it.
              compare.addAll(reaper.recover(epoch, () -> guard(epoch)));
              hints.ring();
            },
            reaper::recovered));
  }

  private void compareAll() {
    membership.members().stream().filter(Member::alive).map(Member::id).forEach(compare::add);
    hints.ring();
  }

  private void round(Optional<Epoch> duty) throws InterruptedException {
    Epoch epoch = duty.orElseThrow();
    if (!office.equals(duty)) {
      office = duty;
      outcomes.officeBegins();
      opened = ticker.now();
      compareAll();
      pass(epoch, FIRST_LOOK);
    } else {
      hints.await(config.get().dispatchInterval());
      pass(epoch, config.get().callTimeout());
    }
  }

  /// One pass over all jobs that have not ended.
  ///
  /// @param patience longest wait for the nodes that are to be compared
  private void pass(Epoch epoch, Duration patience) throws InterruptedException {
    guard(epoch);
    List<Job> held = table.inStates(HELD, 0);
    loseGone(epoch, held);
    compare(epoch, held, patience);
    held.stream()
        .filter(job -> job.getCancelRequested() && job.getState() != JobState.JOB_STATE_LOST)
        .filter(job -> dispatcher.open(new NodeId(job.getNodeId())))
        .forEach(
            job -> {
              guard(epoch);
              asked(new NodeId(job.getNodeId()), () -> keeper.cancel(epoch, job));
            });
    List<Job> pending = pending();
    if (keeper.expire(epoch, pending) > 0) {
      pending = pending();
    }
    // Read again: what was compared or lost has moved on.
    List<Job> active =
        table.inStates(HELD, 0).stream()
            .filter(job -> job.getState() != JobState.JOB_STATE_LOST)
            .toList();
    dispatcher.dispatch(epoch, () -> guard(epoch), pending, active);
  }

  private List<Job> pending() {
    return table.inStates(List.of(JobState.JOB_STATE_PENDING), MOST_PENDING);
  }

  /// The leader checks its office right before each side effect.
  private void guard(Epoch epoch) {
    if (!consensus.leadsNow(epoch)) {
      throw new Refusal(Reason.STALE_EPOCH, "the office of epoch " + epoch + " is over");
    }
  }

  private void loseGone(Epoch epoch, List<Job> held) {
    held.stream()
        .filter(job -> job.getState() != JobState.JOB_STATE_LOST)
        .map(Job::getNodeId)
        .distinct()
        .filter(this::gone)
        .limit(MOST_LOST_PER_ROUND)
        .forEach(
            node -> {
              guard(epoch);
              if (keeper.lose(epoch, node) > 0) {
                outcomes.hostOffline();
              }
            });
  }

  /// DEAD or LEFT; or not met since this node took office, long enough for everybody to be met.
  private boolean gone(String nodeId) {
    var node = new NodeId(nodeId);
    if (node.equals(services.self())) {
      return false;
    }
    Optional<Member> member = membership.member(node);
    if (member.isEmpty()) {
      return ticker.now().since(opened).compareTo(config.get().startupGrace()) > 0;
    }
    return switch (member.get().state()) {
      case DEAD, LEFT -> true;
      case ALIVE, SUSPECT -> false;
    };
  }

  /// Every node due is looked at before the first of them is told anything: from its answer on it
  /// refuses the orders of whoever led before.
  private void compare(Epoch epoch, List<Job> held, Duration patience) throws InterruptedException {
    held.stream()
        .filter(job -> job.getState() == JobState.JOB_STATE_LOST)
        .map(job -> new NodeId(job.getNodeId()))
        .forEach(compare::add);
    compare.removeIf(node -> !dispatcher.open(node) && membership.member(node).isEmpty());
    List<NodeId> due = compare.stream().filter(dispatcher::open).toList();
    if (due.isEmpty()) {
      return;
    }
    compare.removeAll(due);
    guard(epoch);
    Moment before = ticker.now();
    Map<NodeId, List<ProcessView>> seen = keeper.look(epoch, due, patience);
    Duration took = ticker.now().since(before);
    for (NodeId node : due) {
      List<ProcessView> processes = seen.get(node);
      if (processes == null) {
        dispatcher.rest(node, took);
        compare.add(node);
      } else if (!asked(
          node, () -> keeper.reconcile(epoch, () -> guard(epoch), node, held, processes))) {
        compare.add(node);
      }
    }
  }

  /// A node that did not answer is not asked again at once: each try may cost the whole deadline.
  private boolean asked(NodeId node, BooleanSupplier question) {
    Moment before = ticker.now();
    boolean answered = question.getAsBoolean();
    if (!answered) {
      dispatcher.rest(node, ticker.now().since(before));
    }
    return answered;
  }

  @Override
  public List<BindableService> services() {
    return List.of(new JobRpc(services, table, dispatcher, outcomes, config));
  }

  @Override
  public String name() {
    return "JobManager";
  }

  @Override
  public Health health() {
    var details = new TreeMap<String, String>();
    Map<String, Long> counters = counters();
    counters.putAll(reaper.reaped());
    counters.putAll(reaper.recovered());
    counters.putAll(outcomes.counters());
    counters.forEach((name, value) -> details.put(name, Long.toString(value)));
    details.put("to_compare", compare.stream().map(NodeId::value).collect(Collectors.joining(",")));
    boolean leads = consensus.leadsNow(consensus.leadership().epoch());
    return outcomes.health(leads, details);
  }

  private Map<String, Long> counters() {
    Map<String, Long> counters = new TreeMap<>(dispatcher.counters());
    counters.putAll(keeper.counters());
    return counters;
  }

  @Override
  public void close() {
    hints.close();
  }
}
