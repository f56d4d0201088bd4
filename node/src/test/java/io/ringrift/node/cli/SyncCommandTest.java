package io.ringrift.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.ringrift.sync.v1.FailingTarget;
import io.ringrift.sync.v1.TooFewCopies;
import io.ringrift.sync.v1.VerifyFilesResponse;
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
  void aVerificationTellsHowManyFilesHaveTheirCopies() {
    var answer =
        VerifyFilesResponse.newBuilder().setPaths(200).setTotalTooFew(3).setReplicationTarget(3);
    assertThat(SyncVerifyCommand.verdict(answer.build(), true))
        .isEqualTo("NOT sound: 197 of 200 files have their copies (replication target 3)");
    assertThat(SyncVerifyCommand.verdict(VerifyFilesResponse.getDefaultInstance(), false))
        .isEqualTo("NOT sound");
    answer.setTotalNew(2);
    assertThat(SyncVerifyCommand.verdict(answer.build(), true))
        .isEqualTo(
            "NOT sound: 195 of 200 files have their copies (replication target 3),"
                + " 2 are new and still to be copied");
    answer
        .setSound(true)
        .setTotalTooFew(0)
        .setTotalNew(0)
        .setReplicationTarget(0)
        .setIdentical(true);
    assertThat(SyncVerifyCommand.verdict(answer.build(), true))
        .isEqualTo(
            "sound: 200 of 200 files have their copies (replication target every node),"
                + " identical on every node");
  }

  @Test
  void aFileWithTooFewCopiesIsTold() {
    var file = TooFewCopies.newBuilder().setPath("games/x.db").setCopies(1).setWanted(3).build();
    assertThat(SyncCopiesCommand.tooFew(file)).isEqualTo("too few copies: games/x.db has 1 of 3");
  }

  @Test
  void whoIsTriedAndWhatOfItRestsIsTold() {
    assertThat(SyncCommand.Status.failing(target().setFiles(3).build()))
        .startsWith("failing: 3 files to c (all) for 95.0s, being tried: ");
  }
}
