package io.ringrift.managers.training;

import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.LeaderHint;
import io.ringrift.managers.Replies;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.training.v1.DispatchTrainingRequest;
import io.ringrift.training.v1.DispatchTrainingResponse;
import io.ringrift.training.v1.ExplainTrainingRequest;
import io.ringrift.training.v1.ExplainTrainingResponse;
import io.ringrift.training.v1.ListTrainingsRequest;
import io.ringrift.training.v1.ListTrainingsResponse;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingServiceGrpc;
import java.util.List;
import java.util.function.Supplier;

/// TrainingService: runs are begun and explained by the leader, and read at every node.
final class TrainingRpc extends TrainingServiceGrpc.TrainingServiceImplBase {
  static final int MOST = 1000;
  static final int USUAL = 100;

  private final LearningClient client;
  private final TrainingLoop loop;
  private final Supplier<TrainingConfig> config;
  private final LeaderHint hint;

  TrainingRpc(
      LearningClient client, TrainingLoop loop, Supplier<TrainingConfig> config, LeaderHint hint) {
    this.client = client;
    this.loop = loop;
    this.config = config;
    this.hint = hint;
  }

  /// @throws Refusal INVALID_ARGUMENT
  static int limit(int asked) {
    if (asked < 0 || asked > MOST) {
      throw Refusal.invalid("limit", Integer.toString(asked), "0 to " + MOST);
    }
    return asked == 0 ? USUAL : asked;
  }

  @Override
  public void listTrainings(
      ListTrainingsRequest request, StreamObserver<ListTrainingsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          int limit = limit(request.getLimit());
          var learning =
              client.learning(
                  ReadLearningRequest.newBuilder()
                      .setConfigKey(request.getConfigKey())
                      .setWithFiles(request.getWithFiles())
                      .setReadConsistency(request.getReadConsistency()));
          var page =
              Pages.page(
                  learning.getRunsList().stream()
                      .filter(run -> run.getTrainingId().startsWith(request.getTrainingId())),
                  request.getBeforeSequence(),
                  limit,
                  TrainingRun::getSequence);
          return ListTrainingsResponse.newBuilder()
              .addAllRuns(page.items())
              .setNextBefore(page.next())
              .setMeta(learning.getMeta())
              .build();
        });
  }

  @Override
  public void dispatchTraining(
      DispatchTrainingRequest request, StreamObserver<DispatchTrainingResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var epoch = hint.requireLeader();
          requireTrained(request.getConfigKey());
          if (!request.getKind().isEmpty() && !request.getKind().equals("nnue")) {
            throw Refusal.invalid("kind", request.getKind(), "nnue, the kind that is configured");
          }
          var result = loop.dispatch(epoch, request.getConfigKey(), request.getRequestId());
          return DispatchTrainingResponse.newBuilder()
              .setRun(result.getTraining())
              .setDuplicate(result.getDuplicate())
              .build();
        });
  }

  @Override
  public void explainTraining(
      ExplainTrainingRequest request, StreamObserver<ExplainTrainingResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var _ = hint.requireLeader();
          List<String> configs = config.get().configs();
          if (!request.getConfigKey().isEmpty()) {
            requireTrained(request.getConfigKey());
            configs = List.of(request.getConfigKey());
          }
          return ExplainTrainingResponse.newBuilder()
              .addAllReadiness(configs.stream().map(loop::explain).toList())
              .build();
        });
  }

  private void requireTrained(String configKey) {
    if (!config.get().configs().contains(configKey)) {
      throw Refusal.invalid(
          "config_key",
          configKey,
          "one of training.configs in the node's config, which are " + config.get().configs());
    }
  }
}
