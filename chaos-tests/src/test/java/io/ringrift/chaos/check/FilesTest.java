package io.ringrift.chaos.check;

import static io.ringrift.chaos.check.Story.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.history.Kind;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Files that were offered, as nodes have them.
final class FilesTest {
  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            new Story().source("f", "aa").files("n1", Map.of("f", "bb")),
            "f at n1 has SHA-256 bb, aa was offered"),
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            new Story()
                .source("f", "aa")
                .event(3, "n2", NodeEvent.OTHER_CONTENT, 0, "f has SHA-256 bb, aa was offered")
                .files("n2", Map.of("f", "aa")),
            "3.000 s: at n2, when its name was first seen, f has SHA-256 bb"),
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            new Story()
                .source("f", "aa")
                .ok("c", Kind.SYNC, "f", 0, "", answer("f", "", 0, ""), 3, 4)
                .files("n1", Map.of()),
            "is not there"),
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            new Story()
                .source("f", "aa")
                .event(4, "n3", NodeEvent.ARRIVED, 0, "f")
                .files("n2", Map.of("f", "aa"))
                .files("n3", Map.of()),
            "f was told at 4.000 s to have arrived at n3 by a sync run and is not there"),
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            new Story()
                .source("f", "aa")
                .event(3, "n3", NodeEvent.ROTTED, 0, "f")
                .event(4, "n3", NodeEvent.ARRIVED, 0, "f")
                .files("n2", Map.of("f", "aa"))
                .files("n3", Map.of()),
            "f was told at 4.000 s to have arrived at n3"),
        // It rotted before, was taken away and fetched again.
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            rotted("n2")
                .event(5, "n2", NodeEvent.QUARANTINED, 0, "f")
                .files("n2", Map.of("f", "bb")),
            "f at n2 has SHA-256 bb, aa was offered"),
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            rotted("n2").files("n3", Map.of("f", "bb")),
            "f at n3 has SHA-256 bb, aa was offered"),
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            rotted("n2")
                .event(2, "n2", NodeEvent.OTHER_CONTENT, 0, "f has SHA-256 bb")
                .files("n2", Map.of("f", "aa")),
            "at n2, when its name was first seen"));
  }

  private static Story rotted(String node) {
    return new Story().source("f", "aa").event(3, node, NodeEvent.ROTTED, 0, "f");
  }

  @ParameterizedTest(name = "{index} {2}")
  @MethodSource("broken")
  void whatIsBrokenIsTold(Check check, Story story, String told) {
    Result result = check.of(story.evidence());
    assertThat(result.status()).isEqualTo(Status.VIOLATED);
    assertThat(result.findings().getFirst().text()).contains(told);
  }

  static Stream<Arguments> kept() {
    return Stream.of(
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            new Story()
                .source("f", "aa")
                .files("n1", Map.of("f", "aa"))
                .files("n2", Map.of("f", "AA"))
                .files("n3", Map.of())),
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            new Story()
                .source("f", "aa")
                .ok("c", Kind.SYNC, "", 0, "all files", answer("", "", 0, ""), 3, 4)
                .event(4, "n2", NodeEvent.ARRIVED, 0, "f")
                .event(4, "n3", NodeEvent.ARRIVED, 0, "f")
                .files("n2", Map.of("f", "aa"))
                .unread("n3")),
        // It was taken away when it rotted, and has to be fetched again.
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            new Story()
                .source("f", "aa")
                .ok("c", Kind.SYNC, "f", 0, "", answer("f", "", 0, ""), 1, 2)
                .event(2, "n1", NodeEvent.ARRIVED, 0, "f")
                .event(3, "n1", NodeEvent.ROTTED, 0, "f")
                .files("n1", Map.of())
                .files("n2", Map.of("f", "aa"))),
        // Its name was first seen when it had rotted.
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            rotted("n2")
                .event(4, "n2", NodeEvent.OTHER_CONTENT, 0, "f has SHA-256 bb")
                .event(5, "n2", NodeEvent.QUARANTINED, 0, "f")
                .files("n2", Map.of("f", "aa"))));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("kept")
  void whatHoldsIsKept(Check check, Story story) {
    Result result = check.of(story.evidence());
    assertThat(result.findings()).isEmpty();
    assertThat(result.status()).as(result.evidence()).isEqualTo(Status.KEPT);
  }

  static Stream<Arguments> undecided() {
    return Stream.of(
        // Nobody took it away.
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            rotted("n2").files("n2", Map.of("f", "bb")).files("n3", Map.of("f", "aa"))),
        Arguments.of(
            new FilesAreIdenticalOrAbsent(), new Story().source("f", "aa").files("n1", Map.of())),
        Arguments.of(
            new FilesAreIdenticalOrAbsent(),
            new Story().source("f", "aa").files("n1", Map.of("f", "aa")).files("n2", Map.of())));
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("undecided")
  void whatCannotBeToldIsNoPass(Check check, Story story) {
    assertThat(check.of(story.evidence()).status()).isEqualTo(Status.UNDECIDED);
  }
}
