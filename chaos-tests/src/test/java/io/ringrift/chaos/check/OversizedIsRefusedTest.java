package io.ringrift.chaos.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.evidence.NodeEvent;
import org.junit.jupiter.api.Test;

final class OversizedIsRefusedTest {
  private static Story struck(String... ports) {
    var story = new Story().modes("swim", "raft");
    for (String port : ports) {
      story.event(
          2,
          "n2",
          NodeEvent.TOO_LONG_REFUSED,
          0,
          port + ": a message of 20 MiB: connection closed");
    }
    return story;
  }

  private static Result check(Story story) {
    return new OversizedIsRefused().of(story.evidence());
  }

  @Test
  void refusalAtEveryPortKeepsItAndOneThatWasTakenBreaksIt() {
    assertThat(check(struck("web", "raft", "swim")).status()).isEqualTo(Status.KEPT);
    Result taken =
        check(
            struck("web", "raft", "swim")
                .event(3, "n3", NodeEvent.TOO_LONG_TAKEN, 0, "raft: a message of 20 MiB: taken"));
    assertThat(taken.status()).isEqualTo(Status.VIOLATED);
    assertThat(taken.findings())
        .singleElement()
        .asString()
        .contains("n3 at 3.000 s: raft: a message of 20 MiB: taken");
  }

  @Test
  void portThatWasNotStruckOrDidNotShowWhatItDidProvesNothing() {
    Result left = check(struck("web", "swim"));
    assertThat(left.status()).isEqualTo(Status.UNDECIDED);
    assertThat(left.evidence()).isEqualTo("n2 was not struck at its port raft");
    assertThat(check(struck("web", "swim").modes("swim", "bully")).status()).isEqualTo(Status.KEPT);
    Result unseen =
        check(
            struck("web", "raft", "swim")
                .event(3, "n2", NodeEvent.TOO_LONG_UNSEEN, 0, "swim: a datagram: nothing counted"));
    assertThat(unseen.status()).isEqualTo(Status.UNDECIDED);
    assertThat(check(new Story()).status()).isEqualTo(Status.NOT_CONCERNED);
  }
}
