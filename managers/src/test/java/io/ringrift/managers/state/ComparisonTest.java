package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.managers.state.Comparison.Difference;
import io.ringrift.state.v1.StateMark;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static List<StateMark> at(long index, String hash) {
    return List.of(StateMarks.mark(index, hash));
  }

  @Test
  void theFewAreWrongWhoeverOfThemLooks() {
    var told =
        Map.of(
            "n1", at(63, "odd"),
            "n2", at(63, "odd"),
            "n3", at(63, "right"),
            "n4", at(63, "right"),
            "n5", at(63, "right"));
    var wrong = new Difference(63, true);
    for (String self : List.of("n1", "n5")) {
      var comparison = new Comparison(self, told, 3);
      assertThat(comparison.differing()).isEqualTo(Map.of("n1", wrong, "n2", wrong));
      assertThat(comparison.agreeing()).containsExactly("n3", "n4", "n5");
    }
  }

  /// Two agree, but two of five are no majority: the two that are silent may be as the first.
  @Test
  void withoutAMajorityOfAllVotersOnlyADifferenceIsKnown() {
    var told = Map.of("n1", at(63, "a"), "n2", at(63, "b"), "n3", at(63, "b"));
    var doubt = new Difference(63, false);
    assertThat(new Comparison("n1", told, 3).differing())
        .isEqualTo(Map.of("n2", doubt, "n3", doubt));
  }

  @Test
  void aMajorityAtOnePlaceEndsADoubtAtAnother() {
    var told =
        Map.of(
            "n1", List.of(StateMarks.mark(63, "a"), StateMarks.mark(127, "c")),
            "n2", List.of(StateMarks.mark(63, "b"), StateMarks.mark(127, "d")),
            "n3", at(127, "d"));
    var before = new TreeMap<>(Map.of("n2", new Difference(63, false)));
    assertThat(new Comparison("n1", told, 2).after(before, told.keySet()))
        .isEqualTo(Map.of("n1", new Difference(127, true)));
  }

  @Test
  void whatIsKnownStaysWhileNoPlaceIsSharedAndEndsWithTheVote() {
    var told = Map.of("n1", at(63, "a"), "n2", at(64, "b"), "n3", at(65, "c"));
    var before = new TreeMap<>(Map.of("n3", new Difference(12, true)));
    var comparison = new Comparison("n1", told, 2);
    assertThat(comparison.after(before, told.keySet())).isEqualTo(before);
    assertThat(comparison.after(before, Set.of("n1", "n2"))).isEmpty();
    assertThat(comparison.after(Collections.emptyNavigableMap(), told.keySet())).isEmpty();
  }
}
