package io.ringrift.managers.sync;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.training.v1.ListModelsRequest;
import io.ringrift.training.v1.ListTrainingsRequest;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelServiceGrpc;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/// All runs and models that the leader knows, read in pages, each as of a moment after it was asked
/// for. All or nothing: what is not read could be a run that needs a file. Blocks on the network.
final class GarbageKnowledge {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int PAGE = 1000;
  private static final int MOST_PAGES = 1000;

  private GarbageKnowledge() {}

  /// @throws Refusal when the leader cannot be asked or does not tell all
  static List<TrainingRun> runs(Channel leader) {
    return all(
        before ->
            TrainingServiceGrpc.newBlockingStub(leader)
                .withDeadlineAfter(PATIENCE)
                .listTrainings(
                    ListTrainingsRequest.newBuilder()
                        .setLimit(PAGE)
                        .setBeforeSequence(before)
                        .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)
                        .build())
                .getRunsList(),
        TrainingRun::getSequence);
  }

  /// @throws Refusal when the leader cannot be asked or does not tell all
  static List<Model> models(Channel leader) {
    return all(
        before ->
            ModelServiceGrpc.newBlockingStub(leader)
                .withDeadlineAfter(PATIENCE)
                .listModels(
                    ListModelsRequest.newBuilder()
                        .setLimit(PAGE)
                        .setBeforeSequence(before)
                        .setReadConsistency(ReadConsistency.READ_CONSISTENCY_LINEARIZABLE)
                        .build())
                .getModelsList(),
        Model::getSequence);
  }

  /// A full page has another behind it. A leader of a version that knows no pages begins at the
  /// newest again.
  private static <T> List<T> all(LongFunction<List<T>> read, ToLongFunction<T> sequence) {
    var all = new ArrayList<T>();
    long before = 0;
    try {
      for (int i = 0; i < MOST_PAGES; i++) {
        List<T> page = read.apply(before);
        for (T one : page) {
          long at = sequence.applyAsLong(one);
          if (before != 0 && at >= before) {
            throw notAll("the leader runs a version that tells only the newest " + PAGE);
          }
          before = at;
        }
        all.addAll(page);
        if (page.size() < PAGE) {
          return all;
        }
      }
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
    throw notAll("there are more than " + (long) PAGE * MOST_PAGES);
  }

  private static Refusal notAll(String cause) {
    return new Refusal(
        Reason.UNREACHABLE, "not all runs and models can be read, so nothing is removed: " + cause);
  }
}
