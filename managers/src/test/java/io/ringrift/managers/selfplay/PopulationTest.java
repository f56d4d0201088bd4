package io.ringrift.managers.selfplay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ringrift.managers.selfplay.Population.Wanted;
import io.ringrift.managers.selfplay.PriorityTable.Entry;
import io.ringrift.managers.selfplay.Weights.Scored;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PopulationTest {
  private static final ConfigKey SMALL = new ConfigKey("hex5", 2);
  private static final ConfigKey LARGE = new ConfigKey("hex8", 2);
  private static final List<Scored> ENTRIES = List.of(scored(SMALL, 1), scored(LARGE, 9));

  private final SplittableRandom chance = new SplittableRandom(7);

  private static Scored scored(ConfigKey config, int effective) {
    return new Scored(new Entry(config, "mixed", 5), effective, List.of());
  }

  private List<Scored> plan(Wanted wanted, Map<ConfigKey, Long> games) {
    return Population.plan(wanted, games, ENTRIES, chance::nextDouble);
  }

  private static long of(ConfigKey config, List<Scored> drawn) {
    return drawn.stream().filter(one -> one.entry().config().equals(config)).count();
  }

  @Test
  void entriesAreDrawnInProportionToTheirPriority() {
    int large = 0;
    for (int i = 0; i < 10_000; i++) {
      var drawn = Choice.pick(ENTRIES, chance::nextDouble).orElseThrow();
      large += drawn.entry().config().equals(LARGE) ? 1 : 0;
    }
    assertThat(large / 10_000.0).isCloseTo(0.9, within(0.01));
  }

  @Test
  void theSameChanceDrawsTheSame() {
    var first =
        Population.plan(
            new Wanted(50, 10, 9999), Map.of(), ENTRIES, new SplittableRandom(3)::nextDouble);
    var again =
        Population.plan(
            new Wanted(50, 10, 9999), Map.of(), ENTRIES, new SplittableRandom(3)::nextDouble);
    assertThat(again).isEqualTo(first);
  }

  @Test
  void nothingLeftToChooseFromIsNothing() {
    assertThat(Choice.pick(List.of(), chance::nextDouble)).isEmpty();
  }

  @Test
  void asManyAreDrawnAsThereIsRoomFor() {
    assertThat(plan(new Wanted(7, 10, 10_000), Map.of())).hasSize(7);
    assertThat(plan(new Wanted(1000, 10, 1_000_000), Map.of())).hasSize(Population.MOST_ITEMS);
  }

  @Test
  void whatIsDrawnCountsTowardsTheTarget() {
    var drawn = plan(new Wanted(50, 10, 100), Map.of(SMALL, 80L, LARGE, 55L));
    assertThat(of(SMALL, drawn)).isEqualTo(2);
    assertThat(of(LARGE, drawn)).isEqualTo(5);
  }

  @Test
  void configurationsWithTheirGamesGetNoMore() {
    assertThat(plan(new Wanted(50, 10, 100), Map.of(SMALL, 100L, LARGE, 100L))).isEmpty();
  }

  @Test
  void fortyPercentOfThePlacesAreForThoseWithFewGames() {
    var drawn = plan(new Wanted(20, 10, 10_000), Map.of(SMALL, 100L, LARGE, 5000L));
    assertThat(drawn.subList(0, 8)).allMatch(one -> one.entry().config().equals(SMALL));
    assertThat(of(LARGE, drawn)).isPositive();
  }
}
