package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.training.v1.GetLineageRequest;
import io.ringrift.training.v1.RollBackModelRequest;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Where models come from, and the way back.
class LineageOverStateTest extends LearningBed {
  @Test
  void lineageLeadsFromAModelToItsGamesAndFromAGameFileToItsModels() throws InterruptedException {
    train(1);
    judge("aaaa");
    train(2);
    var up =
        models()
            .getLineage(GetLineageRequest.newBuilder().setModelId(id(2)).build())
            .getStepsList();
    assertThat(up).extracting(step -> step.getModel().getModelId()).containsExactly(id(2), id(1));
    assertThat(up.getLast().getTraining().getFilesList())
        .extracting(file -> file.getPath())
        .containsExactly("selfplay/hex5_2p/g1.db");
    assertThat(up.getLast().getPromotionsCount()).isEqualTo(1);
    var down =
        models()
            .getLineage(GetLineageRequest.newBuilder().setFile("selfplay/hex5_2p/g1.db").build());
    assertThat(down.getStepsList())
        .extracting(step -> step.getModel().getModelId())
        .containsExactly(id(1), id(2));
  }

  @Test
  void aRollbackIsOneCallAndRepeatingItUnderItsRequestIdChangesNothing()
      throws InterruptedException {
    train(1);
    judge("aaaa");
    train(2);
    judge("aaaa");
    var request = RollBackModelRequest.newBuilder().setConfigKey(CONFIG).setRequestId("r1").build();
    assertThat(models().rollBackModel(request).getPromotion().getModelId()).isEqualTo(id(1));
    assertThat(models().rollBackModel(request).getDuplicate()).isTrue();
    assertThat(Objects.requireNonNull(coordinator).modelInOffice(CONFIG))
        .hasValueSatisfying(file -> assertThat(file.getPath()).isEqualTo("models/hex5_2p/m1.bin"));
  }
}
