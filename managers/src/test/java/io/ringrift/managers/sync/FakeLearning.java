package io.ringrift.managers.sync;

import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.training.v1.ListModelsRequest;
import io.ringrift.training.v1.ListModelsResponse;
import io.ringrift.training.v1.ListTrainingsRequest;
import io.ringrift.training.v1.ListTrainingsResponse;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelServiceGrpc;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingServiceGrpc;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

/// Runs and models as a leader lists them.
final class FakeLearning {
  /// Newest first.
  final List<TrainingRun> runs = new CopyOnWriteArrayList<>();

  /// Newest first.
  final List<Model> models = new CopyOnWriteArrayList<>();

  private volatile boolean knowsPages = true;

  /// Answers as a version that tells the newest, whatever is asked.
  void ignorePages() {
    knowsPages = false;
  }

  private <T> List<T> page(List<T> all, long before, int limit, ToLongFunction<T> sequence) {
    return all.stream()
        .filter(one -> !knowsPages || before == 0 || sequence.applyAsLong(one) < before)
        .limit(limit)
        .toList();
  }

  /// What is older than the newest could lack a run that needs a file.
  private static void requireNewest(ReadConsistency consistency) {
    if (consistency != ReadConsistency.READ_CONSISTENCY_LINEARIZABLE) {
      throw Status.INVALID_ARGUMENT.withDescription("read as " + consistency).asRuntimeException();
    }
  }

  BindableService trainings() {
    return new TrainingServiceGrpc.TrainingServiceImplBase() {
      @Override
      public void listTrainings(
          ListTrainingsRequest request, StreamObserver<ListTrainingsResponse> observer) {
        requireNewest(request.getReadConsistency());
        var page =
            page(runs, request.getBeforeSequence(), request.getLimit(), TrainingRun::getSequence);
        observer.onNext(ListTrainingsResponse.newBuilder().addAllRuns(page).build());
        observer.onCompleted();
      }
    };
  }

  BindableService models() {
    return new ModelServiceGrpc.ModelServiceImplBase() {
      @Override
      public void listModels(
          ListModelsRequest request, StreamObserver<ListModelsResponse> observer) {
        if (request.getStatesCount() == 0) {
          requireNewest(request.getReadConsistency());
        }
        var asked =
            models.stream()
                .filter(
                    model ->
                        request.getStatesCount() == 0
                            || request.getStatesList().contains(model.getState()))
                .toList();
        var page = page(asked, request.getBeforeSequence(), request.getLimit(), Model::getSequence);
        observer.onNext(ListModelsResponse.newBuilder().addAllModels(page).build());
        observer.onCompleted();
      }
    };
  }
}
