package io.ringrift.chaos.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.check.Result;
import io.ringrift.chaos.check.Story;
import io.ringrift.chaos.check.Verdict;
import io.ringrift.chaos.history.Kind;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// docs/CHAOS.md names for each kind of operation who judges it.
final class KindsAreJudgedTest {
  private static final Pattern NAME = Pattern.compile("`([A-Z][A-Za-z]+)`");

  private static final List<String> CHECKERS =
      Verdict.of(new Story().evidence(), List.of()).results().stream().map(Result::name).toList();

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aCheckerIsNamedThatThereIs(Kind kind) {
    assertThat(SourceTree.lines("docs/CHAOS.md"))
        .filteredOn(line -> line.startsWith("| `" + kind + "` |"))
        .singleElement()
        .satisfies(
            row -> {
              String judges = row.substring(row.lastIndexOf('|', row.length() - 2));
              List<String> named =
                  NAME.matcher(judges).results().map((MatchResult name) -> name.group(1)).toList();
              assertThat(named).isNotEmpty().isSubsetOf(CHECKERS);
            });
  }
}
