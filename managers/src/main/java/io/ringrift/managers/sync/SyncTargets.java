package io.ringrift.managers.sync;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.managers.sync.SyncPlanning.Office;
import io.ringrift.managers.sync.SyncPlanning.Wants;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.ListNodesResponse;
import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.training.v1.ListModelsRequest;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelServiceGrpc;
import io.ringrift.training.v1.ModelState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who may receive: alive, not excluded, not draining, room on the disk. What placement cannot tell
/// is taken as no obstacle, since the receiver checks its own disk again.
final class SyncTargets {
  private static final Logger LOG = LoggerFactory.getLogger(SyncTargets.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// Far more than there are configurations.
  private static final int MOST_MODELS = 1000;

  /// Job types that play with it: self-play itself, and gates, where it is to be beaten.
  private static final List<String> PLAYING = List.of("selfplay", "gauntlet");

  private final Services services;
  private final Membership membership;
  private final SyncConfig config;

  SyncTargets(Services services, Membership membership, SyncConfig config) {
    this.services = services;
    this.membership = membership;
    this.config = config;
  }

  Wants wants() {
    var views = views();
    var targets = receivers(views);
    var preferred =
        targets.stream()
            .filter(node -> Glob.anyCovers(config.receivers().preferred(), node))
            .collect(Collectors.toSet());
    return new Wants(
        targets,
        room(views),
        config.replicationTarget(),
        new Office(models(), players(views)),
        preferred,
        leaving(views));
  }

  /// The copies that every content shall have.
  ///
  /// @throws Refusal when nobody tells who drains
  Wants copies() {
    ListNodesResponse told;
    try {
      told = asked();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
    if (told.getDrainsUnknown()) {
      throw new Refusal(
          Reason.UNREACHABLE,
          "the state does not tell which nodes drain, and what those hold is no copy; ask again");
    }
    var views = told.getNodesList();
    var nobody = new Office(Map.of(), Set.of());
    return new Wants(
        receivers(views), Map.of(), config.replicationTarget(), nobody, Set.of(), leaving(views));
  }

  /// Nodes that drain: they may be on their way out for good.
  private static Set<NodeId> leaving(List<NodeView> views) {
    return views.stream()
        .filter(NodeView::getDraining)
        .map(view -> new NodeId(view.getNodeId()))
        .collect(Collectors.toSet());
  }

  /// Nodes whose jobs play with the model in office.
  private static Set<NodeId> players(List<NodeView> views) {
    return views.stream()
        .filter(view -> view.hasFacts() && mayPlay(view.getFacts()))
        .map(view -> new NodeId(view.getNodeId()))
        .collect(Collectors.toSet());
  }

  private static boolean mayPlay(NodeFacts facts) {
    return facts.getCapabilitiesCount() == 0
        || PLAYING.stream().anyMatch(facts.getCapabilitiesList()::contains);
  }

  /// Models in office, hash by path. Without an answer they get as many copies as other files, and
  /// the jobs fetch what they lack.
  private Map<String, String> models() {
    try {
      return ModelServiceGrpc.newBlockingStub(services.local())
          .withDeadlineAfter(PATIENCE)
          .listModels(
              ListModelsRequest.newBuilder()
                  .addStates(ModelState.MODEL_STATE_PROMOTED)
                  .setLimit(MOST_MODELS)
                  .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LEADER)
                  .build())
          .getModelsList()
          .stream()
          .collect(Collectors.toMap(Model::getPath, Model::getSha256, (newest, _) -> newest));
    } catch (StatusRuntimeException e) {
      LOG.debug("models in office could not be asked for: {}", e.getMessage());
      return Map.of();
    }
  }

  /// Self-play data for nodes with GPUs that train: all of it, on each of them (SPEC 5.3).
  Wants training() {
    var views = views();
    var targets = receivers(views);
    targets.retainAll(
        views.stream()
            .filter(view -> view.getFacts().getGpusCount() > 0 && mayTrain(view.getFacts()))
            .map(view -> new NodeId(view.getNodeId()))
            .toList());
    return new Wants(targets, room(views), 0);
  }

  private static boolean mayTrain(NodeFacts facts) {
    return facts.getCapabilitiesCount() == 0 || facts.getCapabilitiesList().contains("training");
  }

  private SortedSet<NodeId> receivers(List<NodeView> views) {
    var targets =
        membership.members().stream()
            .filter(Member::alive)
            .map(Member::id)
            .collect(Collectors.toCollection(TreeSet::new));
    targets.removeIf(node -> Glob.anyCovers(config.receivers().excluded(), node));
    targets.removeAll(leaving(views));
    return targets;
  }

  private Map<NodeId, Long> room(List<NodeView> views) {
    var room = new HashMap<NodeId, Long>();
    for (NodeView view : views) {
      if (view.hasFacts() && view.getFacts().getDiskFreeBytes() > 0) {
        room.put(new NodeId(view.getNodeId()), room(view.getFacts(), config.maxDiskPercent()));
      }
    }
    return room;
  }

  private List<NodeView> views() {
    try {
      return asked().getNodesList();
    } catch (StatusRuntimeException e) {
      LOG.debug("placement could not be asked: {}", e.getMessage());
      return List.of();
    }
  }

  private ListNodesResponse asked() {
    return PlacementServiceGrpc.newBlockingStub(services.local())
        .withDeadlineAfter(PATIENCE)
        .listNodes(ListNodesRequest.getDefaultInstance());
  }

  /// Facts tell the free bytes and the used share; the whole follows from both.
  static long room(NodeFacts facts, int maxDiskPercent) {
    double freeShare = Math.max(0.001, (100 - facts.getDiskPercent()) / 100);
    double total = facts.getDiskFreeBytes() / freeShare;
    double reserved = total * (100 - maxDiskPercent) / 100;
    return Math.max(0, (long) (facts.getDiskFreeBytes() - reserved));
  }
}
