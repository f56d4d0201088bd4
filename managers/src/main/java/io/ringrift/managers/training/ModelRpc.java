package io.ringrift.managers.training;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.LeaderHint;
import io.ringrift.managers.Replies;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.PromoteModel;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.state.v1.RollBackModel;
import io.ringrift.training.v1.GetLineageRequest;
import io.ringrift.training.v1.GetLineageResponse;
import io.ringrift.training.v1.JudgeModelRequest;
import io.ringrift.training.v1.JudgeModelResponse;
import io.ringrift.training.v1.ListGatesRequest;
import io.ringrift.training.v1.ListGatesResponse;
import io.ringrift.training.v1.ListModelsRequest;
import io.ringrift.training.v1.ListModelsResponse;
import io.ringrift.training.v1.ListPromotionsRequest;
import io.ringrift.training.v1.ListPromotionsResponse;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelServiceGrpc;
import io.ringrift.training.v1.PromoteModelRequest;
import io.ringrift.training.v1.PromoteModelResponse;
import io.ringrift.training.v1.RollBackModelRequest;
import io.ringrift.training.v1.RollBackModelResponse;

/// ModelService: who is in office is changed through the ledger, the rest is read at every node.
final class ModelRpc extends ModelServiceGrpc.ModelServiceImplBase {
  private final LearningClient client;
  private final GateLoop gates;
  private final LeaderHint hint;

  ModelRpc(LearningClient client, GateLoop gates, LeaderHint hint) {
    this.client = client;
    this.gates = gates;
    this.hint = hint;
  }

  @Override
  public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          int limit = TrainingRpc.limit(request.getLimit());
          var learning =
              client.learning(
                  ReadLearningRequest.newBuilder()
                      .setConfigKey(request.getConfigKey())
                      .setReadConsistency(request.getReadConsistency()));
          var page =
              Pages.page(
                  learning.getModelsList().stream()
                      .filter(
                          model ->
                              request.getStatesCount() == 0
                                  || request.getStatesList().contains(model.getState())),
                  request.getBeforeSequence(),
                  limit,
                  Model::getSequence);
          return ListModelsResponse.newBuilder()
              .addAllModels(page.items())
              .setNextBefore(page.next())
              .setMeta(learning.getMeta())
              .build();
        });
  }

  @Override
  public void listGates(ListGatesRequest request, StreamObserver<ListGatesResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var learning =
              client.learning(
                  ReadLearningRequest.newBuilder()
                      .setConfigKey(request.getConfigKey())
                      .setLimit(TrainingRpc.limit(request.getLimit()))
                      .setWithProgress(true)
                      .setReadConsistency(request.getReadConsistency()));
          return ListGatesResponse.newBuilder()
              .addAllGates(learning.getProgressList())
              .setMeta(learning.getMeta())
              .build();
        });
  }

  @Override
  public void listPromotions(
      ListPromotionsRequest request, StreamObserver<ListPromotionsResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var learning =
              client.learning(
                  ReadLearningRequest.newBuilder()
                      .setConfigKey(request.getConfigKey())
                      .setLimit(TrainingRpc.limit(request.getLimit()))
                      .setReadConsistency(request.getReadConsistency()));
          return ListPromotionsResponse.newBuilder()
              .addAllPromotions(learning.getPromotionsList())
              .setMeta(learning.getMeta())
              .build();
        });
  }

  @Override
  public void getLineage(GetLineageRequest request, StreamObserver<GetLineageResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          if (request.getModelId().isEmpty() == request.getFile().isEmpty()) {
            throw Refusal.invalid("model_id", request.getModelId(), "given, or a file instead");
          }
          var learning =
              client.learning(
                  ReadLearningRequest.newBuilder()
                      .setWithFiles(true)
                      .setReadConsistency(request.getReadConsistency()));
          var lineage = new Lineage(learning);
          var answer =
              request.getFile().isEmpty()
                  ? lineage.ofModel(request.getModelId())
                  : lineage.ofFile(request.getFile());
          return answer.setMeta(learning.getMeta()).build();
        });
  }

  @Override
  public void judgeModel(JudgeModelRequest request, StreamObserver<JudgeModelResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          String model = request.getModelId();
          int place = model.lastIndexOf('-');
          if (place < 1) {
            throw Refusal.invalid("model_id", model, "a model of `model list`");
          }
          var command = Command.newBuilder().setRequestId(request.getRequestId());
          if (!request.getRequestId().isEmpty()) {
            command.setBodyDigest(ByteString.copyFromUtf8("judge " + model));
          }
          var result = gates.open(hint.requireLeader(), model, model.substring(0, place), command);
          return JudgeModelResponse.newBuilder()
              .setGate(result.getGate())
              .setDuplicate(result.getDuplicate())
              .build();
        });
  }

  @Override
  public void promoteModel(
      PromoteModelRequest request, StreamObserver<PromoteModelResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          if (request.getModelId().isEmpty()) {
            throw Refusal.invalid("model_id", "", "a model of `model list`");
          }
          var result =
              client.apply(
                  hint.requireLeader(),
                  Command.newBuilder()
                      .setRequestId(request.getRequestId())
                      .setPromoteModel(PromoteModel.newBuilder().setModelId(request.getModelId())));
          return PromoteModelResponse.newBuilder()
              .setPromotion(result.getPromotion())
              .setDuplicate(result.getDuplicate())
              .build();
        });
  }

  @Override
  public void rollBackModel(
      RollBackModelRequest request, StreamObserver<RollBackModelResponse> observer) {
    Replies.unary(
        observer,
        () -> {
          var result =
              client.apply(
                  hint.requireLeader(),
                  Command.newBuilder()
                      .setRequestId(request.getRequestId())
                      .setRollBackModel(
                          RollBackModel.newBuilder()
                              .setConfigKey(request.getConfigKey())
                              .setModelId(request.getModelId())));
          return RollBackModelResponse.newBuilder()
              .setPromotion(result.getPromotion())
              .setDuplicate(result.getDuplicate())
              .build();
        });
  }
}
