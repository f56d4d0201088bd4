package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.event.v1.Event;
import io.ringrift.job.v1.InputFile;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.state.v1.AddJob;
import io.ringrift.state.v1.AddWork;
import io.ringrift.state.v1.CancelJob;
import io.ringrift.state.v1.CancelWork;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.UpdateClaim;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the state takes and keeps is bounded in bytes.
class RoomTest {
  private static final String LARGE = "x".repeat(40_000);

  private final Ledgers ledger = new Ledgers();

  private CommandResult addJob(String id, int bytes, long limit) {
    var spec = JobSpec.newBuilder().setJobType("selfplay").putParams("p", "x".repeat(bytes));
    return ledger.apply(
        Command.newBuilder()
            .setAddJob(AddJob.newBuilder().setJobId(id).setSpec(spec).setByteLimit(limit)));
  }

  private CommandResult addWork(String id, WorkSpec.Builder spec, long limit) {
    return ledger.apply(
        Command.newBuilder()
            .setAddWork(
                AddWork.newBuilder()
                    .addWorkIds(id)
                    .addItems(spec)
                    .setHardLimit(100_000)
                    .setSoftLimit(50_000)
                    .setByteLimit(limit)));
  }

  private void cancelWork(String id) {
    ledger.apply(Command.newBuilder().setCancelWork(CancelWork.newBuilder().setWorkId(id)));
  }

  @Test
  void jobsAndItemsTogetherAreRefusedAboveTheStampedLimit() {
    assertThat(addJob("a", 40_000, 100_000).getReason()).isEmpty();
    assertThat(addWork("b", Ledgers.selfplay().setPayload(LARGE), 100_000).getReason()).isEmpty();
    assertThat(addJob("c", 40_000, 100_000).getReason()).isEqualTo("BACKPRESSURE");
    assertThat(addWork("d", Ledgers.selfplay().setPayload(LARGE), 100_000).getReason())
        .isEqualTo("BACKPRESSURE");
    assertThat(addJob("e", 10, 100_000).getReason()).isEmpty();
  }

  @Test
  void whatHasEndedMakesRoom() {
    addJob("a", 40_000, 60_000);
    assertThat(addJob("b", 40_000, 60_000).getReason()).isEqualTo("BACKPRESSURE");
    ledger.apply(Command.newBuilder().setCancelJob(CancelJob.newBuilder().setJobId("a")));
    assertThat(addJob("b", 40_000, 60_000).getReason()).isEmpty();
    assertThat(addWork("w", Ledgers.selfplay().setPayload(LARGE), 100_000).getReason()).isEmpty();
    cancelWork("w");
    assertThat(addWork("x", Ledgers.selfplay().setPayload(LARGE), 100_000).getReason()).isEmpty();
  }

  @Test
  void manyShortTextsWeighMoreThanTheirBytes() {
    var spec = JobSpec.newBuilder();
    for (int i = 0; i < 64; i++) {
      spec.putParams("p" + i, "");
    }
    var job = AddJob.newBuilder().setJobId("a").setSpec(spec).setByteLimit(4096);
    assertThat(spec.build().getSerializedSize()).isLessThan(1024);
    assertThat(ledger.apply(Command.newBuilder().setAddJob(job)).getReason())
        .isEqualTo("BACKPRESSURE");

    var inputs = JobSpec.newBuilder();
    for (int i = 0; i < 64; i++) {
      inputs.addInputs(InputFile.newBuilder().setPath("p" + i));
    }
    assertThat(inputs.build().getSerializedSize()).isLessThan(1024);
    assertThat(ledger.apply(Command.newBuilder().setAddJob(job.setSpec(inputs))).getReason())
        .isEqualTo("BACKPRESSURE");
  }

  @Test
  void aSpecIsBounded() {
    assertThat(addJob("a", 70_000, 0).getDetailsMap()).containsEntry("field", "spec");
    assertThat(addWork("b", Ledgers.selfplay().setPayload("x".repeat(70_000)), 0).getDetailsMap())
        .containsEntry("field", "items[0]");
  }

  @Test
  void endedItemsAreForgottenAboveTheirBytes() {
    int fits = (int) (WorkTable.MOST_ENDED_BYTES / 40_000);
    for (int i = 0; i <= fits; i++) {
      addWork("w" + i, Ledgers.selfplay().setPayload(LARGE), 0);
      cancelWork("w" + i);
    }
    assertThat(ledger.state.work().get("w0")).isNull();
    assertThat(ledger.state.work().get("w" + fits)).isNotNull();
  }

  @Test
  void oldItemsOnWhichOthersWaitDoNotLetTheTableGrow() {
    for (int i = 0; i < 20; i++) {
      addWork("needed" + i, Ledgers.selfplay(), 0);
    }
    List<WorkItem> held = ledger.claim("w", 20).getItemsList();
    held.forEach(item -> ledger.update(item, UpdateClaim.newBuilder().setCompleted("")));
    for (int i = 0; i < 20; i++) {
      addWork("waits" + i, Ledgers.selfplay().addDependsOn("needed" + i), 0);
    }
    for (int i = 0; i < WorkTable.MOST_ENDED + 5; i++) {
      addWork("w" + i, Ledgers.selfplay(), 0);
      cancelWork("w" + i);
    }
    assertThat(ledger.state.work().get("needed0")).isNotNull();
    assertThat(ledger.state.work().get("w4")).isNull();
    assertThat(ledger.state.work().get("w5")).isNotNull();
  }

  @Test
  void anItemThatNobodyWaitsForAnyMoreIsForgottenInItsTurn() {
    addWork("needed", Ledgers.selfplay().setPayload(LARGE), 0);
    addWork("waits", Ledgers.selfplay().addDependsOn("needed"), 0);
    cancelWork("needed");
    long kept = ledger.state.work().keptWeight();
    cancelWork("waits");
    assertThat(kept).isGreaterThan(40_000);
    assertThat(ledger.state.work().keptWeight()).isZero();
    assertThat(ledger.state.work().droppable(ledger.ledgerMillis + 1))
        .containsExactly("needed", "waits");
  }

  @Test
  void eventsAreForgottenAboveTheirBytesAndTheLossIsTold() {
    long before = ledger.state.events().newest().index();
    int fits = (int) (EventRing.MOST_BYTES / 8000);
    for (int i = 0; i <= fits; i++) {
      ledger.apply(
          Command.newBuilder()
              .setRecordEvent(
                  RecordEvent.newBuilder()
                      .setKind("LARGE")
                      .putAttributes("text", "x".repeat(8000))));
    }
    var beginning = new EventRing.Place(before, 0);
    List<Event> kept = ledger.state.events().after(beginning, 10_000);
    assertThat(kept.stream().mapToLong(Event::getSerializedSize).sum())
        .isLessThanOrEqualTo(EventRing.MOST_BYTES);
    assertThat(kept).hasSizeGreaterThan(fits / 2);
    assertThat(ledger.state.events().truncatedAfter(beginning)).isTrue();
  }
}
