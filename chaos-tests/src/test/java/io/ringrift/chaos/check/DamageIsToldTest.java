package io.ringrift.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.NodeEvent;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class DamageIsToldTest {
  private static final String REMEDY = "log_0-9 has a wrong digest; move that folder aside";

  private static Story damaged(String word) {
    return struck(word).event(6, "n2", "STARTED", 0, "").follower(8, "n2", 1, "n1");
  }

  /// Its audit was read until then.
  private static Story struck(String word) {
    return new Story()
        .audit(0.5, "n2", "boot", 1)
        .event(2, "n2", "KILLED", 0, "")
        .event(2.1, "n2", NodeEvent.DAMAGED, 0, word);
  }

  private static Story refused() {
    return damaged("raft-log").event(4, "n2", NodeEvent.REFUSED, 0, "");
  }

  private static Story rotted() {
    return new Story().event(3, "n2", NodeEvent.ROTTED, 0, "models/chaos/f1");
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(damaged("cluster"), "n2 had flipped bits in its cluster at 2.100 s"),
        Arguments.of(damaged("log"), "n2 had flipped bits in its log at 2.100 s, and told nothing"),
        Arguments.of(
            damaged("log")
                .audit(1, "n2", AuditRecord.CORRUPT_FOUND, 1, "what", "another time")
                .audit(7, "n3", AuditRecord.CORRUPT_FOUND, 1, "what", "another node"),
            "told nothing of it"),
        Arguments.of(
            damaged("raft-log").audit(3, "n2", AuditRecord.CORRUPT_FOUND, 1, "what", REMEDY),
            "started all the same"),
        Arguments.of(
            refused().audit(3, "n2", AuditRecord.CORRUPT_FOUND, 1, "what", "damaged"),
            "told neither file nor remedy: damaged"),
        Arguments.of(refused(), "told nothing of it"),
        Arguments.of(
            rotted().event(7, "n2", NodeEvent.QUARANTINED, 0, "models/chaos/f2"),
            "n2 had flipped bits in its models/chaos/f1 at 3.000 s, and did not take it away"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("broken")
  void damageThatIsNotToldOrStartedOverIsFound(Story story, String told) {
    Result result = new DamageIsTold().of(story.evidence());
    assertThat(result.status()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings().getFirst().text()).contains(told);
  }

  static Stream<Story> kept() {
    return Stream.of(
        damaged("log").audit(7, "n2", AuditRecord.CORRUPT_FOUND, 1, "what", "wrong checksum"),
        refused().audit(3, "n2", AuditRecord.CORRUPT_FOUND, 1, "what", REMEDY),
        rotted().event(7, "n2", NodeEvent.QUARANTINED, 0, "models/chaos/f1"),
        damaged("cluster").audit(7, "n2", AuditRecord.CORRUPT_FOUND, 1, "what", "set aside"));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("kept")
  void damageThatIsToldIsKept(Story story) {
    Result result = new DamageIsTold().of(story.evidence());
    assertThat(result.findings()).isEmpty();
    assertThat(result.status()).isEqualTo(Status.KEPT);
  }

  static Stream<Story> silent() {
    return Stream.of(
        rotted().event(40, "n2", NodeEvent.SILENT, 0, NodeEvent.DATA),
        damaged("raft-log").event(95, "n2", NodeEvent.SILENT, 0, "raft-log"),
        // It was not seen to come up, or what it told may be lost, or the run broke off.
        struck("log").follower(1, "n2", 1, "n1").event(6, "n2", "STARTED", 0, ""),
        struck("cluster").event(6, "n2", "STARTED", 0, "").down(8, "n2"),
        damaged("log").audit(6.5, "n2", AuditRecord.GAP, 0),
        refused().audit(6.5, "n2", AuditRecord.GAP, 0),
        damaged("cluster").failed("n3 runs already"),
        struck("raft-log").failed("interrupted"),
        damaged("raft-log").failed("started again behind the damage, as at every end"),
        rotted().failed("interrupted"));
  }

  @Test
  void whatIsNotReadByAStartHasNotToBeToldWhereRecordsAreMissingEither() {
    Story story = damaged("snapshots").audit(6.5, "n2", AuditRecord.GAP, 0);
    assertThat(new DamageIsTold().of(story.evidence()).status()).isEqualTo(Status.NOT_CONCERNED);
  }

  @Test
  void startOverADamagedLogOfRaftIsFoundInARunThatBrokeOffToo() {
    Story story =
        struck("raft-log").event(6, "n2", "STARTED", 0, "over its damage").failed("n3 runs");
    assertThat(new DamageIsTold().of(story.evidence()).status()).isEqualTo(Status.VIOLATED);
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("silent")
  void nodeThatShowsNothingInTimeIsNeitherAccusedNorAcquitted(Story story) {
    Result result = new DamageIsTold().of(story.evidence());
    assertThat(result.status()).isEqualTo(Status.UNDECIDED);
    assertThat(result.evidence()).contains("told at 0 of 1 places; at 1 the node showed nothing");
  }

  @Test
  void silenceOverOneDamageDoesNotExcuseAnother() {
    Story story =
        damaged("log")
            .event(7, "n2", NodeEvent.ROTTED, 0, "models/chaos/f1")
            .event(40, "n2", NodeEvent.SILENT, 0, NodeEvent.DATA);
    assertThat(new DamageIsTold().of(story.evidence()).status()).isEqualTo(Status.VIOLATED);
  }

  @Test
  void runInWhichNoDamageHadToBeToldIsNotConcerned() {
    for (Story story : List.of(new Story(), damaged("node.db"))) {
      assertThat(new DamageIsTold().of(story.evidence()).status()).isEqualTo(Status.NOT_CONCERNED);
    }
  }

  @Test
  void nodeThatRefusesItsDamageDidNotEndByItself() {
    Story story =
        refused()
            .leader(1, "n1", 1)
            .follower(1, "n3", 1, "n1")
            .event(4.1, "n2", "EXITED", 0, "exit code 1")
            .follower(9, "n2", 1, "n1");
    assertThat(new EveryNodeComesBack().of(story.evidence()).findings()).isEmpty();
  }
}
