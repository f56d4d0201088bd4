package io.ringrift.kernel.membership.swim;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.membership.swim.Words.Rank;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class WordsTest {
  private static final Rank ALIVE = new Rank(0, 0);
  private static final Rank SUSPECT = new Rank(0, 2);
  private static final Rank REFUTED = new Rank(1, 0);

  private final Words<String> words = new Words<>(3, Duration.ofSeconds(10));

  @Test
  void severalTellersOfOneWordAreOne() {
    assertThat(hear(0, "a", ALIVE)).isTrue();
    assertThat(hear(1, "a", ALIVE)).isFalse();

    assertThat(round(1, 3)).hasSize(1);
  }

  @Test
  void theNewerWordReplacesTheOlderAndNeverTheReverse() {
    hear(0, "a", ALIVE);
    assertThat(hear(0, "a", SUSPECT)).isTrue();
    assertThat(hear(0, "a", ALIVE)).isFalse();
    assertThat(hear(0, "a", REFUTED)).isTrue();
    assertThat(hear(0, "a", SUSPECT)).isFalse();

    assertThat(round(1, 3)).containsExactly("a" + REFUTED);
  }

  @Test
  void aWordIsSaidSoOftenAndNoMore() {
    hear(0, "a", ALIVE);

    assertThat(round(1, 6)).isNotEmpty();
    assertThat(round(1, 6)).isNotEmpty();
    assertThat(round(1, 6)).isEmpty();
  }

  @Test
  void wordsSaidLeastGoFirst() {
    hear(0, "a", ALIVE);
    round(0, 9);
    hear(0, "b", ALIVE);

    assertThat(words.next(at(0), 9, 3, 1)).containsExactly("b" + ALIVE);
  }

  @Test
  void aForgottenWordMayBeSaidAgain() {
    hear(0, "a", ALIVE);
    round(0, 3);

    assertThat(hear(11, "a", ALIVE)).isTrue();
    assertThat(round(11, 3)).hasSize(1);
  }

  @Test
  void aWordIsNotNewAgainWhileOthersStillSayIt() {
    hear(0, "a", ALIVE);
    round(0, 3);

    assertThat(hear(9, "a", ALIVE)).isFalse();
    assertThat(hear(18, "a", ALIVE)).isFalse();
    assertThat(words.unsaid(at(18), 3)).isFalse();
    assertThat(hear(29, "a", ALIVE)).isTrue();
  }

  /// Members that stand still for a moment are late tellers.
  @Test
  void aWordDiesOutAmongManyOfUnequalSpeed() {
    var random = new Random(1);
    int members = 50;
    var all = Stream.generate(() -> new Words<String>(9, Duration.ofSeconds(12)));
    var cluster = all.limit(members).toList();
    cluster.getFirst().hear(at(0), "a", ALIVE, "a");
    int said = 0;
    for (int second = 1; second < 400; second++) {
      for (Words<String> teller : cluster) {
        if (random.nextInt(3) > 0) {
          continue;
        }
        for (String word : teller.next(at(second), 18, 3, 100)) {
          for (int i = 0; i < 3; i++) {
            cluster.get(random.nextInt(members)).hear(at(second), "a", ALIVE, word);
          }
          said = second;
        }
      }
    }

    assertThat(cluster).allMatch(words -> !words.unsaid(at(400), 18));
    assertThat(said).isBetween(5, 100);
  }

  @Test
  void aWordIsLeftUntilItWasSaidSoOften() {
    hear(0, "a", ALIVE);

    assertThat(words.unsaid(at(0), 6)).isTrue();
    round(0, 6);
    assertThat(words.unsaid(at(0), 6)).isTrue();
    round(0, 6);
    assertThat(words.unsaid(at(0), 6)).isFalse();
    assertThat(words.unsaid(at(11), 6)).isFalse();
  }

  @Test
  void atTheBoundTheWordHeardFirstGivesWay() {
    List.of("a", "b", "c", "d").forEach(member -> hear(0, member, ALIVE));

    assertThat(words.size()).isEqualTo(3);
    assertThat(round(0, 3)).doesNotContain("a" + ALIVE);
  }

  private boolean hear(long second, String member, Rank rank) {
    return words.hear(at(second), member, rank, member + rank);
  }

  private List<String> round(long second, int times) {
    return words.next(at(second), times, 3, 100);
  }

  private static Moment at(long second) {
    return new Moment(Duration.ofSeconds(second).toNanos());
  }
}
