package io.ringrift.managers.selfplay;

import com.google.protobuf.Duration;
import io.grpc.stub.StreamObserver;
import io.ringrift.job.v1.InputFile;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.LeaderHint;
import io.ringrift.managers.Replies;
import io.ringrift.managers.Services;
import io.ringrift.managers.selfplay.Weights.Scored;
import io.ringrift.selfplay.v1.GetDiversityRequest;
import io.ringrift.selfplay.v1.GetDiversityResponse;
import io.ringrift.selfplay.v1.GetTargetsRequest;
import io.ringrift.selfplay.v1.GetTargetsResponse;
import io.ringrift.selfplay.v1.GetWeightsRequest;
import io.ringrift.selfplay.v1.GetWeightsResponse;
import io.ringrift.selfplay.v1.NodeTarget;
import io.ringrift.selfplay.v1.PlayGamesRequest;
import io.ringrift.selfplay.v1.PlayGamesResponse;
import io.ringrift.selfplay.v1.SelfplayServiceGrpc;
import io.ringrift.selfplay.v1.SetModifiersRequest;
import io.ringrift.selfplay.v1.SetModifiersResponse;
import io.ringrift.selfplay.v1.Weight;
import io.ringrift.selfplay.v1.WeightTerm;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// SelfplayService: what the pure classes say of what is known here.
final class SelfplayRpc extends SelfplayServiceGrpc.SelfplayServiceImplBase {
  private static final long DEADLINE_SECONDS = 10;

  private final Services services;
  private final LeaderHint hint;
  private final Supplier<SelfplayConfig> config;
  private final SelfplayParts parts;

  SelfplayRpc(
      Services services, LeaderHint hint, Supplier<SelfplayConfig> config, SelfplayParts parts) {
    this.services = services;
    this.hint = hint;
    this.config = config;
    this.parts = parts;
  }

  @Override
  public void getWeights(GetWeightsRequest request, StreamObserver<GetWeightsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          hint.requireLeader();
          var answer =
              GetWeightsResponse.newBuilder()
                  .setEnabled(config.get().enabled())
                  .setPopulator(parts.populator().last());
          if (!config.get().configs().isEmpty()) {
            parts.feed().refresh();
            answer.addAllWeights(weights(request.getNodeId()));
          }
          return answer.build();
        });
  }

  private List<Weight> weights(String nodeId) {
    var nodes = new Claimants(parts.nodes().views());
    var limits = config.get().nodes();
    var node =
        nodeId.isEmpty()
            ? null
            : named(nodes.nodes().stream().map(NodeViews::node).toList(), nodeId);
    var found = new ArrayList<Weight.Builder>();
    for (Scores.OfConfig one : parts.scores().read()) {
      long games = one.signals().games().orElse(0);
      for (Scored scored : one.entries()) {
        var obstacle =
            parts.scores().obstacle(scored, nodes, games).or(() -> atNode(scored, node, limits));
        found.add(weight(one, scored).setExcluded(obstacle.orElse("")));
      }
    }
    double total =
        found.stream()
            .filter(weight -> weight.getExcluded().isEmpty())
            .mapToDouble(Weight.Builder::getEffectivePriority)
            .sum();
    return found.stream()
        .map(
            weight ->
                weight
                    .setShare(
                        weight.getExcluded().isEmpty() ? weight.getEffectivePriority() / total : 0)
                    .build())
        .sorted(Comparator.comparingInt(weight -> -weight.getEffectivePriority()))
        .toList();
  }

  private static Optional<String> atNode(
      Scored scored, Targets.@Nullable Node node, SelfplayConfig.Nodes limits) {
    return node == null ? Optional.empty() : EngineNeeds.obstacle(scored.entry(), node, limits);
  }

  private static Targets.Node named(List<Targets.Node> nodes, String nodeId) {
    return nodes.stream()
        .filter(node -> node.nodeId().equals(nodeId))
        .findFirst()
        .orElseThrow(
            () ->
                new Refusal(
                    Reason.NODE_NOT_FOUND,
                    "no node " + nodeId + " is known; ringrift node list shows those that are"));
  }

  private Weight.Builder weight(Scores.OfConfig one, Scored scored) {
    var weight =
        Weight.newBuilder()
            .setConfigKey(one.config().toString())
            .setEngineMode(scored.entry().mode())
            .setEffectivePriority(scored.effective())
            .setModel(
                parts.models().of(one.config().toString()).map(InputFile::getPath).orElse(""));
    one.signals().games().ifPresent(weight::setGames);
    one.signals().bestElo().ifPresent(weight::setBestElo);
    scored
        .terms()
        .forEach(
            term ->
                weight.addTerms(
                    WeightTerm.newBuilder()
                        .setName(term.name())
                        .setValue(term.value())
                        .setFactor(term.factor())));
    return weight;
  }

  @Override
  public void getTargets(GetTargetsRequest request, StreamObserver<GetTargetsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var targets = parts.nodes().targets();
          if (!request.getNodeId().isEmpty()) {
            var node = named(List.copyOf(targets.keySet()), request.getNodeId());
            targets.keySet().retainAll(List.of(node));
          }
          var answer = GetTargetsResponse.newBuilder();
          targets.forEach(
              (node, target) ->
                  answer.addTargets(
                      NodeTarget.newBuilder()
                          .setNodeId(node.nodeId())
                          .setGpuJobs(target.gpuJobs())
                          .setCpuOnlyJobs(target.cpuOnlyJobs())
                          .setTotalJobs(target.total())
                          .setCurrentJobs(node.selfplayJobs())
                          .setCap(target.cap())
                          .setHardware(target.hardware())
                          .addAllCauses(target.causes())));
          return answer.build();
        });
  }

  @Override
  public void getDiversity(
      GetDiversityRequest request, StreamObserver<GetDiversityResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var recent = parts.queue().recent(request.getReadConsistency());
          var diversity = recent.diversity();
          return GetDiversityResponse.newBuilder()
              .setItems(diversity.items())
              .putAllGamesByEngineMode(diversity.byMode())
              .putAllGamesByBoardConfig(diversity.byConfig())
              .putAllGamesByDifficulty(diversity.byDifficulty())
              .setSymmetricGames(diversity.symmetric())
              .setAsymmetricGames(diversity.asymmetric())
              .setAsymmetricRatio(diversity.asymmetricRatio())
              .putAllEngineModeDistribution(diversity.modeShares())
              .setMeta(recent.meta())
              .build();
        });
  }

  @Override
  public void playGames(PlayGamesRequest request, StreamObserver<PlayGamesResponse> observer) {
    Replies.unary(observer, () -> parts.orders().play(hint.requireLeader(), request));
  }

  @Override
  public void setModifiers(
      SetModifiersRequest request, StreamObserver<SetModifiersResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          hint.requireLeader();
          ModifierRules.events(request, config.get().configs())
              .forEach(
                  (what, event) ->
                      record(
                          Command.newBuilder()
                              .setRequestId(id(request.getRequestId(), what))
                              .setRecordEvent(event)));
          parts.feed().refresh();
          return modifiers(ConfigKey.parse("config_key", request.getConfigKey()));
        });
  }

  private static String id(String requestId, String what) {
    return requestId.isEmpty() ? "" : requestId + "-" + what;
  }

  private void record(Command.Builder command) {
    var _ =
        StateServiceGrpc.newBlockingStub(services.local())
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .applyCommand(ApplyCommandRequest.newBuilder().setCommand(command).build());
  }

  private SetModifiersResponse modifiers(ConfigKey one) {
    var active = parts.feed().of(one);
    return SetModifiersResponse.newBuilder()
        .setConfigKey(one.toString())
        .setRate(active.rate())
        .setExplorationBoost(active.exploration())
        .setExplorationRemaining(
            Duration.newBuilder().setSeconds(active.explorationLeft().toSeconds()))
        .build();
  }
}
