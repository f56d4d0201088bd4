package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.managers.job.JobReconcile.Action;
import io.ringrift.managers.job.JobReconcile.Phase;
import io.ringrift.managers.job.JobReconcile.Row;
import io.ringrift.managers.job.JobReconcile.Seen;
import java.util.List;
import org.junit.jupiter.api.Test;

final class JobReconcileTest {
  private static List<Action> settle(Row row, Seen... processes) {
    return JobReconcile.of("n", List.of(row), List.of(processes));
  }

  private static Row row(Phase phase) {
    return new Row("j", "n", 1, 5, phase, false);
  }

  @Test
  void whatAgreesIsLeftAlone() {
    assertThat(settle(row(Phase.ACTIVE), new Seen("j", 1, 5, false))).isEmpty();
    assertThat(settle(row(Phase.IDLE))).isEmpty();
  }

  @Test
  void processOfAnOlderClaimIsStopped() {
    assertThat(settle(row(Phase.ACTIVE), new Seen("j", 1, 4, false), new Seen("j", 1, 5, false)))
        .containsExactly(new Action.Stop("j", 1, "superseded"));
  }

  @Test
  void lostJobWhoseNodeIsBackIsAdopted() {
    assertThat(settle(row(Phase.LOST), new Seen("j", 1, 5, false)))
        .containsExactly(new Action.Adopt("j", 1, 5));
  }

  @Test
  void endThatTheTableDoesNotKnowIsTold() {
    assertThat(settle(row(Phase.ACTIVE), new Seen("j", 1, 5, true)))
        .containsExactly(new Action.Adopt("j", 1, 5));
  }

  @Test
  void takenAttemptThatTheNodeNoLongerKnowsHasFailed() {
    assertThat(settle(row(Phase.ACTIVE))).containsExactly(new Action.Fail("j", 1, 5));
    assertThat(settle(row(Phase.ORDERED))).isEmpty();
  }

  @Test
  void cancelledJobThatRunsIsStopped() {
    assertThat(settle(new Row("j", "n", 1, 5, Phase.ACTIVE, true), new Seen("j", 1, 5, false)))
        .containsExactly(new Action.Stop("j", 1, "cancelled"));
  }
}
