package io.ringrift.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.ringrift.sync.v1.FailingTarget;
import org.junit.jupiter.api.Test;

final class SyncCommandTest {
  private static FailingTarget.Builder target() {
    return FailingTarget.newBuilder()
        .setNodeId("c")
        .setSyncType("all")
        .setFailingFor(Duration.newBuilder().setSeconds(95))
        .setReason("STORAGE_FAILED")
        .setDetail("games/x.db to c: no folder");
  }

  @Test
  void whoRestsIsToldWithTheTimeAndTheCause() {
    var resting = target().setRestsFor(Duration.newBuilder().setSeconds(30)).build();
    assertThat(SyncCommand.Status.failing(resting))
        .isEqualTo(
            "failing: everything to c (all) for 95.0s, tried again in 30.0s: STORAGE_FAILED"
                + " games/x.db to c: no folder");
  }

  @Test
  void whoIsTriedAndWhatOfItRestsIsTold() {
    assertThat(SyncCommand.Status.failing(target().setFiles(3).build()))
        .startsWith("failing: 3 files to c (all) for 95.0s, being tried: ");
  }
}
