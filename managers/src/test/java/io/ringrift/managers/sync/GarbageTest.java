package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.sync.v1.FileEntry;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.ModelState;
import io.ringrift.training.v1.TrainingRun;
import io.ringrift.training.v1.TrainingState;
import java.util.List;
import org.junit.jupiter.api.Test;

final class GarbageTest {
  private static FileEntry file(String path, String sha256) {
    return FileEntry.newBuilder().setPath(path).setSha256(sha256).setSizeBytes(1).build();
  }

  private static TrainingRun run(String id, TrainingState state, String parent) {
    return TrainingRun.newBuilder()
        .setTrainingId(id)
        .setState(state)
        .setParentModelId(parent)
        .build();
  }

  private static Model model(int number, ModelState state) {
    return Model.newBuilder()
        .setModelId("m" + number)
        .setConfigKey("hex5_2p")
        .setPath("models/hex5_2p/m" + number + ".bin")
        .setSha256("hash" + number)
        .setState(state)
        .setSequence(number)
        .build();
  }

  private static List<String> paths(List<Garbage.Found> found) {
    return found.stream().map(one -> one.content().path()).toList();
  }

  @Test
  void checkpointsOfEndedRunsAreGarbageAndAllOthersAreNot() {
    var files =
        List.of(
            file("training/hex5_2p/done_e0003.checkpoint", "a"),
            file("training/hex5_2p/failed_e0001.checkpoint", "b"),
            file("training/hex5_2p/going_e0003.checkpoint", "c"),
            file("training/hex5_2p/unknown_e0003.checkpoint", "d"),
            file("training/hex5_2p/done.npz", "e"),
            file("selfplay/hex5_2p/done_e0003.jsonl", "f"));
    var runs =
        List.of(
            run("done", TrainingState.TRAINING_STATE_COMPLETE, ""),
            run("failed", TrainingState.TRAINING_STATE_FAILED, ""),
            run("going", TrainingState.TRAINING_STATE_RUNNING, ""));

    assertThat(paths(Garbage.among(files, runs, List.of(), 0)))
        .containsExactly(
            "training/hex5_2p/done_e0003.checkpoint", "training/hex5_2p/failed_e0001.checkpoint");
  }

  @Test
  void modelsOutOfOfficeAreGarbageButForTheNewest() {
    var models =
        List.of(
            model(1, ModelState.MODEL_STATE_RETIRED),
            model(2, ModelState.MODEL_STATE_ARCHIVED),
            model(3, ModelState.MODEL_STATE_RETIRED),
            model(4, ModelState.MODEL_STATE_PROMOTED),
            model(5, ModelState.MODEL_STATE_CANDIDATE));
    var files = models.stream().map(model -> file(model.getPath(), model.getSha256())).toList();

    assertThat(paths(Garbage.among(files, List.of(), models, 1)))
        .containsExactly("models/hex5_2p/m1.bin", "models/hex5_2p/m2.bin");
    assertThat(Garbage.among(files, List.of(), models, 3)).isEmpty();
  }

  @Test
  void modelThatARunGoesOnFromStays() {
    var models = List.of(model(1, ModelState.MODEL_STATE_RETIRED));
    var files = List.of(file("models/hex5_2p/m1.bin", "hash1"));
    var going = List.of(run("r", TrainingState.TRAINING_STATE_RUNNING, "m1"));

    assertThat(Garbage.among(files, going, models, 0)).isEmpty();
    assertThat(Garbage.among(files, List.of(), models, 0)).hasSize(1);
  }

  @Test
  void anotherContentUnderAModelsPathIsNobodysGarbage() {
    var models = List.of(model(1, ModelState.MODEL_STATE_RETIRED));

    assertThat(Garbage.among(List.of(file("models/hex5_2p/m1.bin", "other")), List.of(), models, 0))
        .isEmpty();
  }
}
