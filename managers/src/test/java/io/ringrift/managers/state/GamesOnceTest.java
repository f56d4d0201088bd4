package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What is there under two names is one content: it counts once for a run, and is learned from
/// once.
final class GamesOnceTest extends LearningBed {
  @Test
  void copiesUnderAnotherNameAreNoFurtherGames() throws InterruptedException {
    file("g1", 1, 60);
    file("g1-again", 1, 60);
    round("training");
    assertThat(runs()).as("100 games are asked for").isEmpty();

    play(2, 60);
    round("training");

    assertThat(runs()).hasSize(1);
    assertThat(runs().getFirst().getTotalGames()).isEqualTo(120);
    assertThat(runs().getFirst().getFilesList()).hasSize(2);
  }
}
