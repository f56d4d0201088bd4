package io.ringrift.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// A run that broke off shows what was broken until then, and nothing of what would have come.
final class FailedRunTest {
  private static Story brokeOff() {
    return new Story().expect(0, 5).down(1, "n1").down(90, "n1").failed("no leader within 90 s");
  }

  private static int exitCode(Story story) {
    return Verdict.of(story.evidence(), List.of()).exitCode();
  }

  @Test
  void whoSawNoLeaderBeforeTheFirstFaultCouldNotRunAndAccusesNobody() {
    Verdict verdict = Verdict.of(brokeOff().evidence(), List.of());
    assertThat(verdict.results()).noneMatch(each -> each.status() == Status.VIOLATED);
    assertThat(verdict.exitCode()).isEqualTo(2);
    assertThat(verdict.word()).isEqualTo("could not run");
  }

  @Test
  void aNodeThatEndedByItselfIsToldAllTheSame() {
    assertThat(exitCode(brokeOff().event(3, "n2", "EXITED", 0, "exit code 1"))).isEqualTo(1);
  }

  private static Status expectations(Story story, String... unmet) {
    return Verdict.of(story.evidence(), List.of(unmet)).results().stream()
        .filter(each -> each.name().equals("ExpectationsAreMet"))
        .findFirst()
        .orElseThrow()
        .status();
  }

  @Test
  void whatAScenarioExpectsIsKeptOnlyWhereItWasLookedAt() {
    assertThat(expectations(new Story())).isEqualTo(Status.NOT_CONCERNED);
    assertThat(expectations(new Story(), "w1 ran no job")).isEqualTo(Status.VIOLATED);
    Story more = new Story().promise(Promises.more());
    assertThat(expectations(more)).isEqualTo(Status.KEPT);
    assertThat(expectations(more.failed("no leader within 90 s"))).isEqualTo(Status.UNDECIDED);
  }

  @Test
  void aRunToItsEndWithoutRecoveryIsViolated() {
    Story story = new Story().expect(0, 5).leader(1, "n1", 1).down(90, "n1");
    assertThat(exitCode(story)).isEqualTo(1);
  }
}
