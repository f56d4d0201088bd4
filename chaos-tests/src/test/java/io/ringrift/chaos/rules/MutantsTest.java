package io.ringrift.chaos.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The planted faults of `chaos-tests/mutants` fit the sources, so that `chaos-tests/bin/mutants`
/// can be run at any time.
final class MutantsTest {
  static Stream<String> mutants() {
    return SourceTree.files(".patch").stream().filter(f -> f.startsWith("chaos-tests/mutants/"));
  }

  @Test
  void thereAreAsManyAsTheSuiteIsHeldTo() {
    assertThat(mutants()).hasSize(8);
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void eachFitsTheSources(String mutant) throws IOException, InterruptedException {
    var git =
        new ProcessBuilder("git", "apply", "--check", mutant)
            .directory(SourceTree.root().toFile())
            .redirectErrorStream(true)
            .start();
    String told;
    try (var out = git.getInputStream()) {
      told = new String(out.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(git.waitFor()).as(told).isZero();
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void eachSaysWhatItPlantsAndWhereItIsCaught(String mutant) {
    List<String> head =
        SourceTree.lines(mutant).stream().takeWhile(line -> !line.startsWith("--- ")).toList();
    assertThat(head.subList(0, 2)).noneMatch(String::isBlank);
    assertThat(head).filteredOn(line -> line.startsWith("breaks: ")).hasSize(1);
    assertThat(head).anyMatch(line -> line.matches("on: (sim|process|netns|test) .+"));
  }

  @ParameterizedTest
  @MethodSource("mutants")
  void eachStandsInTheTable(String mutant) {
    String title = SourceTree.lines(mutant).getFirst();
    assertThat(SourceTree.lines("docs/CHAOS.md")).anyMatch(line -> line.startsWith("| " + title));
  }
}
