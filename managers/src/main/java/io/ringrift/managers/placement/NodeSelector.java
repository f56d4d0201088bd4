package io.ringrift.managers.placement;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.BindableService;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.gossip.GossipBoard;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import io.ringrift.managers.Replies;
import io.ringrift.managers.Services;
import io.ringrift.placement.v1.ChooseNodesRequest;
import io.ringrift.placement.v1.ChooseNodesResponse;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.Need;
import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc.PlacementServiceImplBase;
import io.ringrift.placement.v1.RankNodesRequest;
import io.ringrift.placement.v1.RankNodesResponse;
import io.ringrift.placement.v1.RankedNode;
import io.ringrift.placement.v1.ScoreTerm;
import io.ringrift.placement.v1.SetDrainRequest;
import io.ringrift.placement.v1.SetDrainResponse;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.SetDrain;
import io.ringrift.state.v1.StateServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ranks nodes for needs from members, their facts and the drains. Answers on every node. A view of
/// the nodes is kept for a moment, at most ten seconds, and dropped at every membership event; what
/// is on its way to a node comes with each call.
public final class NodeSelector extends PlacementServiceImplBase implements Manager {
  private static final Logger LOG = LoggerFactory.getLogger(NodeSelector.class);
  private static final Duration DEADLINE = Duration.ofSeconds(5);
  private static final Duration MOST_DRAIN = Duration.ofDays(30);
  private static final Duration LONGEST_FRESH = Duration.ofSeconds(10);

  /// @param fresh how long a view of the nodes is kept
  /// @param declared nodes of the cluster's file; ranked though nobody has met them yet
  public record Settings(PlacementLimits limits, Duration fresh, List<DeclaredNode> declared) {
    public Settings {
      declared = List.copyOf(declared);
      if (fresh.compareTo(LONGEST_FRESH) > 0) {
        throw Refusal.invalid("fresh", fresh.toString(), "at most " + LONGEST_FRESH);
      }
    }
  }

  private final Services services;
  private final Membership membership;
  private final GossipBoard board;
  private final Ticker ticker;
  private final Settings settings;
  private final Ranking ranking;
  private final AtomicReference<Optional<View>> cached = new AtomicReference<>(Optional.empty());
  private volatile Set<String> lastDrains = Set.of();

  private record View(Moment taken, List<Seen> nodes, boolean drainsKnown) {}

  private record Seen(Member member, Optional<NodeFacts> facts, NodeSnapshot snapshot) {}

  public NodeSelector(
      Services services,
      Membership membership,
      GossipBoard board,
      Ticker ticker,
      Settings settings) {
    this.services = services;
    this.membership = membership;
    this.board = board;
    this.ticker = ticker;
    this.settings = settings;
    this.ranking = new Ranking(settings.limits());
    // The subscription ends with the membership, which outlives its managers.
    var _ = membership.subscribe(_ -> cached.set(Optional.empty()));
  }

  @Override
  public void rankNodes(RankNodesRequest request, StreamObserver<RankNodesResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var training = Set.copyOf(new HashSet<>(request.getTrainingNodeIdsList()));
          var nodes =
              everybody(view()).stream()
                  .map(node -> training.contains(node.nodeId()) ? node.training() : node)
                  .toList();
          var ranked = ranking.rank(nodes, demand(request.getNeed()), request.getInFlightMap());
          var answer = RankNodesResponse.newBuilder().setUnblock(ranked.unblock());
          ranked.nodes().forEach(judged -> answer.addNodes(toProto(judged)));
          return answer.build();
        });
  }

  @Override
  public void chooseNodes(
      ChooseNodesRequest request, StreamObserver<ChooseNodesResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var task = Task.named(request.getTask());
          int count = request.getCount() == 0 ? task.usual() : request.getCount();
          if (count < 0) {
            throw Refusal.invalid("count", Integer.toString(count), "0 or more");
          }
          var question =
              new NodeChoice.Question(
                  task,
                  request.getEngineMode(),
                  Set.copyOf(new HashSet<>(request.getExcludedNodeIdsList())));
          var judged = new NodeChoice(everybody(view()), settings.limits()).choose(question);
          var answer = ChooseNodesResponse.newBuilder();
          judged.stream()
              .filter(Judgement::feasible)
              .limit(count)
              .forEach(node -> answer.addChosen(node.nodeId()));
          judged.forEach(node -> answer.addNodes(toProto(node)));
          return answer.build();
        });
  }

  @Override
  public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          View view = view();
          var answer = ListNodesResponse.newBuilder().setDrainsUnknown(!view.drainsKnown());
          view.nodes().forEach(seen -> answer.addNodes(toProto(seen, choice(view))));
          return answer.build();
        });
  }

  @Override
  public void setDrain(SetDrainRequest request, StreamObserver<SetDrainResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var node = new NodeId(request.getNodeId());
          if (membership.member(node).isEmpty()) {
            throw new Refusal(
                Reason.NODE_NOT_FOUND,
                "no node " + node + " is known; ringrift node list shows those that are");
          }
          var drain =
              SetDrain.newBuilder()
                  .setNodeId(node.value())
                  .setDrain(request.getDrain())
                  .setLiftedAfterMillis(liftedAfter(request));
          var command =
              Command.newBuilder().setRequestId(request.getRequestId()).setSetDrain(drain);
          StateServiceGrpc.newBlockingStub(services.local())
              .withDeadlineAfter(DEADLINE.multipliedBy(2))
              .applyCommand(ApplyCommandRequest.newBuilder().setCommand(command).build());
          cached.set(Optional.empty());
          View view = view();
          return view.nodes().stream()
              .filter(seen -> seen.member().id().equals(node))
              .findFirst()
              .map(seen -> toProto(seen, choice(view)))
              .map(seen -> SetDrainResponse.newBuilder().setNode(seen).build())
              .orElseThrow();
        });
  }

  private static long liftedAfter(SetDrainRequest request) {
    if (!request.hasLiftedAfter()) {
      return 0;
    }
    var told = request.getLiftedAfter();
    long most = MOST_DRAIN.toSeconds();
    var after = Duration.ofSeconds(Math.clamp(told.getSeconds(), -1, most + 1), told.getNanos());
    if (after.toSeconds() < 1 || after.compareTo(MOST_DRAIN) > 0 || !request.getDrain()) {
      throw Refusal.invalid(
          "lifted_after",
          "%d s and %d ns".formatted(told.getSeconds(), told.getNanos()),
          "from 1 s to 30 d, and of a drain alone");
    }
    return after.toMillis();
  }

  /// The members, and the nodes of the file that are none.
  private List<NodeSnapshot> everybody(View view) {
    var all = new ArrayList<>(view.nodes().stream().map(Seen::snapshot).toList());
    var members = new HashSet<String>();
    all.forEach(node -> members.add(node.nodeId()));
    settings.declared().stream()
        .filter(node -> !members.contains(node.nodeId()))
        .forEach(node -> all.add(node.unheard(false, false, false)));
    return all;
  }

  private NodeChoice choice(View view) {
    return new NodeChoice(view.nodes().stream().map(Seen::snapshot).toList(), settings.limits());
  }

  private View view() {
    Moment now = ticker.now();
    Optional<View> kept = cached.get();
    if (kept.isPresent() && now.since(kept.get().taken()).compareTo(settings.fresh()) < 0) {
      return kept.get();
    }
    boolean drainsKnown = readDrains();
    Set<String> drains = lastDrains;
    Map<NodeId, GossipBoard.Posting> postings = board.postings();
    var nodes = new ArrayList<Seen>();
    for (Member member : membership.members()) {
      Optional<NodeFacts> facts =
          Optional.ofNullable(postings.get(member.id())).flatMap(p -> parse(member.id(), p));
      nodes.add(new Seen(member, facts, seen(member, facts, drains)));
    }
    var view = new View(now, List.copyOf(nodes), drainsKnown);
    // An event that came meanwhile has dropped the kept view; then this one is not kept either.
    cached.compareAndSet(kept, Optional.of(view));
    return view;
  }

  /// What the member told of itself; before that, what the file says of it.
  private NodeSnapshot seen(Member member, Optional<NodeFacts> heard, Set<String> drains) {
    String id = member.id().value();
    return settings.declared().stream()
        .filter(node -> heard.isEmpty() && node.nodeId().equals(id))
        .findFirst()
        .map(node -> node.unheard(member.alive(), member.retired(), drains.contains(id)))
        .orElseGet(() -> snapshot(member, heard, drains));
  }

  /// Drains of this node's replica; the last known ones stay while it cannot answer.
  private boolean readDrains() {
    try {
      var state =
          StateServiceGrpc.newBlockingStub(services.local())
              .withDeadlineAfter(DEADLINE)
              .getState(GetStateRequest.getDefaultInstance());
      lastDrains = Set.copyOf(new HashSet<>(state.getDrainingList()));
      return true;
    } catch (StatusRuntimeException e) {
      LOG.warn("drains could not be read, the last known ones are used: {}", e.getStatus());
      return false;
    }
  }

  private static Optional<NodeFacts> parse(NodeId node, GossipBoard.Posting posting) {
    try {
      return Optional.of(NodeFacts.parseFrom(posting.payload()));
    } catch (InvalidProtocolBufferException e) {
      LOG.warn("facts of {} are unreadable and passed over", node);
      return Optional.empty();
    }
  }

  static NodeSnapshot snapshot(Member member, Optional<NodeFacts> heard, Set<String> drains) {
    String id = member.id().value();
    boolean draining = drains.contains(id);
    if (heard.isEmpty()) {
      return NodeSnapshot.unheard(id, member.alive(), member.retired(), draining);
    }
    NodeFacts facts = heard.get();
    return new NodeSnapshot(
        id,
        member.alive(),
        member.retired(),
        draining,
        true,
        new NodeSnapshot.Machine(
            facts.getCpuCount(),
            facts.getMemoryBytes(),
            facts.getGpusCount(),
            facts.getGpusCount() == 0 ? "" : facts.getGpus(0).getName()),
        new NodeSnapshot.Load(
            facts.getCpuPercent(),
            facts.getMemoryPercent(),
            facts.getDiskPercent(),
            facts.getLoad1(),
            facts.getLoad5(),
            facts.getGpusList().stream()
                .mapToDouble(gpu -> gpu.getUtilizationPercent())
                .average()
                .orElse(0),
            facts.getSelfplayJobs(),
            facts.getTrainingJobs(),
            facts.getRunningJobs(),
            facts.getMaxJobs()),
        Set.copyOf(new HashSet<>(facts.getCapabilitiesList())),
        Set.copyOf(new HashSet<>(facts.getWorkloadsList())));
  }

  private static Demand demand(Need need) {
    return new Demand(
        need.getJobType(),
        need.getWorkload(),
        need.getEngineMode(),
        need.getGpus(),
        need.getCpus(),
        need.getMemoryBytes(),
        need.getTargetNodeId(),
        Set.copyOf(new HashSet<>(need.getExcludedNodeIdsList())));
  }

  private static RankedNode toProto(Judgement judged) {
    var node =
        RankedNode.newBuilder()
            .setNodeId(judged.nodeId())
            .setFeasible(judged.feasible())
            .setReason(judged.reason())
            .setDetail(judged.detail())
            .setScore(judged.score());
    judged
        .terms()
        .forEach(
            term ->
                node.addTerms(ScoreTerm.newBuilder().setName(term.name()).setValue(term.value())));
    return node.build();
  }

  private static NodeView toProto(Seen seen, NodeChoice choice) {
    var view =
        NodeView.newBuilder()
            .setNodeId(seen.member().id().value())
            .setState(seen.member().state().name())
            .setDraining(seen.snapshot().draining())
            .setVoter(seen.member().voter())
            .setOutboundOnly(seen.member().outboundOnly())
            .setLoadScore(seen.snapshot().loadScore())
            .setHealthy(choice.healthy(seen.snapshot()));
    seen.facts().ifPresent(view::setFacts);
    return view.build();
  }

  @Override
  public List<BindableService> services() {
    return List.of(this);
  }

  @Override
  public List<LoopSpec> loops() {
    return List.of();
  }

  @Override
  public String name() {
    return "NodeSelector";
  }

  /// SPEC 5.2: no alive node is an error; no GPU node, or more than half unhealthy, is told in the
  /// message of a manager that works.
  @Override
  public Health health() {
    var members = membership.members();
    long alive = members.stream().filter(Member::alive).count();
    var kept = cached.get();
    long gpus =
        kept.map(v -> v.nodes().stream().filter(s -> s.snapshot().gpuNode()).count()).orElse(0L);
    long unhealthy = kept.map(v -> v.nodes().size() - choice(v).healthyNodes().size()).orElse(0);
    var details =
        Map.of(
            "alive_nodes", Long.toString(alive),
            "gpu_nodes", Long.toString(gpus),
            "unhealthy_nodes", Long.toString(unhealthy));
    if (alive == 0) {
      return Health.error("No alive nodes", details);
    }
    return unhealthy * 2 > members.size()
        ? Health.degraded(unhealthy + " of " + members.size() + " nodes are unhealthy", details)
        : Health.running(details);
  }

  @Override
  public void close() {}
}
