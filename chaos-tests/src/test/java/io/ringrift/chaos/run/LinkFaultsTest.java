package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.FaultSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LinkFaultsTest {
  private static final List<String> FIVE = List.of("n1", "n2", "n3", "n4", "n5");
  private final LinkFaults faults = new LinkFaults(FIVE);

  private static FaultSpec spec(FaultKind kind, Map<String, String> options) {
    return new FaultSpec(kind, Duration.ZERO, Duration.ofSeconds(1), List.of(), List.of(), options);
  }

  private Set<Link> cut(
      FaultKind kind, List<String> targets, List<String> to, List<List<String>> parts) {
    return faults.rules(spec(kind, Map.of()), targets, to, parts).keySet();
  }

  private static Link link(String from, String to) {
    return new Link(from, to);
  }

  @Test
  void oneWayCutLeavesTheWayBack() {
    var rules =
        faults.rules(
            spec(FaultKind.CUT, Map.of("one_way", "true")),
            List.of("n1"),
            List.of("n2"),
            List.of());
    assertThat(rules).containsExactly(Map.entry(link("n1", "n2"), LinkRule.CUT));
  }

  @Test
  void splitCutsEveryLinkBetweenTheSidesAndNoneWithin() {
    var links = cut(FaultKind.SPLIT, List.of("n1", "n2"), List.of(), List.of());
    assertThat(links).hasSize(12).contains(link("n1", "n3"), link("n5", "n2"));
    assertThat(links).doesNotContain(link("n1", "n2"), link("n3", "n4"));
  }

  @Test
  void threeWaySplitHasNoLinkBetweenAnyTwoParts() {
    var parts = List.of(List.of("n1"), List.of("n2", "n3"), List.of("n4", "n5"));
    assertThat(cut(FaultKind.SPLIT, List.of(), List.of(), parts))
        .hasSize(16)
        .doesNotContain(link("n2", "n3"), link("n4", "n5"));
  }

  @Test
  void bridgeIsHeardByBothHalvesThatDoNotHearEachOther() {
    var parts = List.of(List.of("n1", "n2"), List.of("n4", "n5"));
    var links = cut(FaultKind.BRIDGE, List.of("n3"), List.of(), parts);
    assertThat(links).hasSize(8).contains(link("n1", "n4"), link("n5", "n2"));
    assertThat(links).noneMatch(l -> l.from().equals("n3") || l.to().equals("n3"));
  }

  @Test
  void everyNodeOfARingHearsItsTwoNeighboursAlone() {
    var links = cut(FaultKind.RING, List.of(), List.of(), List.of());
    for (String node : FIVE) {
      assertThat(links).filteredOn(l -> l.from().equals(node)).hasSize(2);
    }
    assertThat(links).doesNotContain(link("n1", "n5"), link("n1", "n2"));
  }

  @Test
  void aDelayBetweenAllIsHeldOnEachWayOnce() {
    var rules =
        faults.rules(
            spec(FaultKind.DELAY, Map.of("delay", "80ms", "jitter", "40ms")),
            FIVE,
            FIVE,
            List.of());
    assertThat(rules.values())
        .hasSize(20)
        .containsOnly(LinkRule.delayed(Duration.ofMillis(80), Duration.ofMillis(40)));
  }

  @Test
  void faultsAtOneTimeAreTheWorseOfEach() {
    Map<Link, LinkRule> one = Map.of(link("n1", "n2"), LinkRule.losing(10));
    Map<Link, LinkRule> other = Map.of(link("n1", "n2"), LinkRule.CUT);
    assertThat(LinkFaults.merged(List.of(one, other)))
        .containsExactly(
            Map.entry(
                link("n1", "n2"),
                new LinkRule(
                    true, Duration.ZERO, Duration.ZERO, 10, 0, 0, false, 0, Duration.ZERO)));
  }

  @Test
  void reorderingHoldsForSoLongAsItSaysAndElseForATenthOfASecond() {
    Map<String, String> options = Map.of("percent", "40");
    var links =
        faults.rules(spec(FaultKind.REORDER, options), List.of("n1"), List.of("n2"), List.of());
    assertThat(links)
        .containsEntry(link("n1", "n2"), LinkRule.reordering(40, Duration.ofMillis(100)))
        .hasSize(2);
    var longer =
        faults.rules(
            spec(FaultKind.REORDER, Map.of("percent", "40", "delay", "1s")),
            List.of("n1"),
            List.of("n2"),
            List.of());
    assertThat(longer.get(link("n2", "n1")))
        .isEqualTo(LinkRule.reordering(40, Duration.ofSeconds(1)));
    assertThat(
            LinkFaults.merged(List.of(links, longer, Map.of(link("n1", "n2"), LinkRule.losing(5))))
                .get(link("n1", "n2")))
        .isEqualTo(LinkRule.losing(5).and(LinkRule.reordering(40, Duration.ofSeconds(1))));
  }
}
