package io.ringrift.managers.job;

import io.grpc.StatusRuntimeException;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.SpawnSelfplayRequest;
import io.ringrift.job.v1.SpawnTrainingRequest;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Turns requests into checked specs. What is refused here never reaches the log.
final class JobSpecs {
  private static final int DEFAULT_PLAYERS = 2;
  private static final int DEFAULT_GAMES = 500;

  private final Services services;
  private final Supplier<JobConfig> config;

  JobSpecs(Services services, Supplier<JobConfig> config) {
    this.services = services;
    this.config = config;
  }

  /// @throws Refusal INVALID_ARGUMENT, WORKLOAD_NOT_FOUND or NODE_NOT_FOUND
  JobSpec checked(JobSpec spec) {
    JobRules.check(spec);
    if (!spec.getTargetNodeId().isEmpty()) {
      requireKnown(spec.getTargetNodeId());
    }
    if (spec.getWorkload().isEmpty() == (spec.getExecArgvCount() == 0)) {
      throw Refusal.invalid(
          "workload", spec.getWorkload(), "given, or exec_argv instead of it; one of the two");
    }
    if (spec.getWorkload().isEmpty()) {
      return spec;
    }
    Optional<WorkloadTemplate> template = template(spec.getWorkload());
    if (template.isPresent()) {
      CommandLine.requireValues(template.get(), spec);
    } else {
      requireDeclared(spec.getWorkload());
    }
    return spec.getJobType().isEmpty() && template.isPresent()
        ? spec.toBuilder().setJobType(template.get().jobType()).build()
        : spec;
  }

  private Optional<WorkloadTemplate> template(String name) {
    return config.get().templates().stream().filter(t -> t.name().equals(name)).findFirst();
  }

  private void requireDeclared(String workload) {
    Set<String> declared = new TreeSet<>();
    config.get().templates().forEach(t -> declared.add(t.name()));
    nodes().forEach(node -> declared.addAll(node.getFacts().getWorkloadsList()));
    if (!declared.contains(workload)) {
      throw new Refusal(
              Reason.WORKLOAD_NOT_FOUND,
              "no node declares workload " + workload + "; declared are " + declared)
          .with("declared", String.join(",", declared));
    }
  }

  private void requireKnown(String target) {
    if (nodes().stream().noneMatch(node -> node.getNodeId().equals(target))) {
      throw new Refusal(
          Reason.NODE_NOT_FOUND,
          "target_node_id "
              + target
              + " is no node that is known here; ringrift node list shows those that are");
    }
  }

  private List<NodeView> nodes() {
    try {
      return PlacementServiceGrpc.newBlockingStub(services.local())
          .withDeadlineAfter(config.get().callTimeout().toMillis(), TimeUnit.MILLISECONDS)
          .listNodes(ListNodesRequest.getDefaultInstance())
          .getNodesList();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }

  /// The seeds' defaults (SPEC 7.1).
  JobSpec selfplay(SpawnSelfplayRequest request) {
    int players = request.hasNumPlayers() ? request.getNumPlayers() : DEFAULT_PLAYERS;
    int games = request.hasNumGames() ? request.getNumGames() : DEFAULT_GAMES;
    JobRules.players(players);
    JobRules.games(games);
    var params = new HashMap<>(request.getEngineExtraArgsMap());
    Set<String> known =
        template(config.get().selfplayWorkload())
            .map(WorkloadTemplate::parameters)
            .orElse(Set.of());
    if (known.contains("model_version")) {
      params.putIfAbsent("model_version", or(request.getModelVersion(), "v2"));
    }
    return checked(
        JobSpec.newBuilder()
            .setWorkload(config.get().selfplayWorkload())
            .setBoardType(or(request.getBoardType(), "hex8"))
            .setNumPlayers(players)
            .setNumGames(games)
            .setEngineMode(or(request.getEngineMode(), "gumbel-mcts"))
            .putAllParams(params)
            .setSeed(request.getSeed())
            .setTargetNodeId(request.getTargetNodeId())
            .build());
  }

  JobSpec training(SpawnTrainingRequest request) {
    String kind = or(request.getJobType(), "nnue");
    if (!Set.of("nnue", "cmaes").contains(kind)) {
      throw Refusal.invalid("job_type", kind, "nnue or cmaes");
    }
    JobRules.board(request.getBoardType());
    int players = request.hasNumPlayers() ? request.getNumPlayers() : DEFAULT_PLAYERS;
    JobRules.players(players);
    if (request.getTotalGames() < 0) {
      throw Refusal.invalid("total_games", Long.toString(request.getTotalGames()), "0 or greater");
    }
    var params = new HashMap<String, String>();
    Set<String> known =
        template(config.get().trainingWorkload())
            .map(WorkloadTemplate::parameters)
            .orElse(Set.of());
    if (known.contains("kind")) {
      params.put("kind", kind);
    }
    if (known.contains("total_games")) {
      params.put("total_games", Long.toString(request.getTotalGames()));
    }
    return checked(
        JobSpec.newBuilder()
            .setWorkload(config.get().trainingWorkload())
            .setBoardType(request.getBoardType())
            .setNumPlayers(players)
            .putAllParams(params)
            .build());
  }

  private static String or(String value, String fallback) {
    return value.isEmpty() ? fallback : value;
  }
}
