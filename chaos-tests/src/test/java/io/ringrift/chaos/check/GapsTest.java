package io.ringrift.chaos.check;

import static io.ringrift.chaos.check.Story.item;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.evidence.Part;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Evidence with a gap proves no more than what is left of it.
final class GapsTest {
  /// Lists with room for two entries.
  private static Story small() {
    return new Story(2);
  }

  @Test
  void aListThatIsFullIsToldAsCut() {
    Story story = small().leader(1, "n1", 1).leader(2, "n1", 1);
    assertThat(story.evidence().cut()).isEmpty();
    assertThat(story.leader(3, "n1", 1).evidence().cut()).containsExactly(Part.SAMPLES);
    assertThat(story.evidence().notes()).singleElement().asString().contains("role samples");
  }

  @Test
  void whatLooksKeptIsUndecided() {
    Story story = small().leader(1, "n1", 1).leader(2, "n2", 2).follower(3, "n3", 2, "n2");
    Result result = new LeadershipEndsWithItsLease().judge(story.evidence());
    assertThat(new LeadershipEndsWithItsLease().of(story.evidence()).status())
        .isEqualTo(Status.KEPT);
    assertThat(result.status()).isEqualTo(Status.UNDECIDED);
    assertThat(result.evidence()).contains("missing: role samples");
    assertThat(Verdict.of(story.evidence(), List.of()).exitCode()).isEqualTo(2);
  }

  @Test
  void aBreakThatNoGapExplainsStands() {
    Story story = small().leader(1, "n1", 1).leader(2, "n2", 1).leader(3, "n2", 1);
    assertThat(new OneLeaderPerEpoch().judge(story.evidence()).status()).isEqualTo(Status.VIOLATED);
  }

  @Test
  void aGapInTheHistoryIsNoBrokenLease() {
    Story story = new Story().claim("w", "a", 1, 3, 4).claim("v", "a", 2, 8, 9);
    assertThat(new LeasesAreKept().judge(story.evidence()).status()).isEqualTo(Status.VIOLATED);
    assertThat(new LeasesAreKept().judge(story.dropped(1).evidence()).status())
        .isEqualTo(Status.UNDECIDED);
  }

  @Test
  void samplesThatWereNotKeptAreNoLateRecovery() {
    Story story =
        small()
            .fault("cut", 2, 4, true, "9 bytes", "n1")
            .submit("a", 5, 6)
            .leader(1, "n1", 1)
            .follower(1, "n2", 1, "n1")
            .expect(0, 5);
    assertThat(new RecoversInTime().judge(story.evidence()).status()).isEqualTo(Status.VIOLATED);
    story.leader(5, "n1", 1);
    assertThat(new RecoversInTime().judge(story.evidence()).status()).isEqualTo(Status.UNDECIDED);
  }

  @Test
  void effectsThatWereNotKeptAreNoLostJobs() {
    Story story =
        small()
            .submit("a", 1, 2)
            .end("n1", "h", 1, item("a", "PENDING", 0, "", ""))
            .end("n2", "h", 1, item("a", "PENDING", 0, "", ""));
    assertThat(new NothingAcknowledgedIsLost().judge(story.evidence()).status())
        .isEqualTo(Status.KEPT);
    story.end("n3", "h", 1);
    assertThat(new NothingAcknowledgedIsLost().judge(story.evidence()).status())
        .isEqualTo(Status.UNDECIDED);
  }

  /// That who was killed had just been elected may stand in what was not kept.
  @Test
  void anAuditThatWasNotKeptAccusesNobodyOfAnElection() {
    Story story =
        new Story(100)
            .leader(1, "n1", 1)
            .following(1, 5, "n1", 1, "n1")
            .following(1, 5, "n3", 1, "n1")
            .fault("kill", 2, 4, false, "n2 killed", "n2")
            .leader(3, "n3", 2);
    Check check = new SmallLossesUnseatNobody();
    assertThat(check.judge(story.evidence()).status()).isEqualTo(Status.VIOLATED);
    IntStream.rangeClosed(0, 100).forEach(_ -> story.audit(1, "n1", "granted", 1));
    assertThat(story.evidence().cut()).containsExactly(Part.AUDIT);
    assertThat(check.judge(story.evidence()).status()).isEqualTo(Status.UNDECIDED);
  }
}
