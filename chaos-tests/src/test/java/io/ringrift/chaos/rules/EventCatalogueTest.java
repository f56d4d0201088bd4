package io.ringrift.chaos.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// docs/EVENTS.md names every kind of event that is recorded, and no other.
final class EventCatalogueTest {
  private static final String WORD =
      "((?:TASK|WORK|BACKPRESSURE|DATA_SYNC|TRAINING|GATE|EVALUATION|MODEL|PROMOTION|SELFPLAY"
          + "|EXPLORATION|ELO|TOURNAMENT|CONFIG|NODE|DISK|CLUSTER|SCALE|SPLIT_BRAIN|EPOCH|LEADER|MODE|VOTERS|STATE)"
          + "_[A-Z_]+)";
  private static final Pattern LITERAL = Pattern.compile("\"" + WORD + "\"");
  private static final Pattern LISTED = Pattern.compile("`" + WORD + "`");

  /// Names of other things that read alike.
  private static final Set<String> NO_KINDS =
      Set.of(
          "DISK_FULL",
          "WORK_STATE_",
          "MODEL_STATE_",
          "TRAINING_STATE_",
          "GATE_STATE_",
          "PROMOTION_CAUSE_");

  private static Set<String> found(Pattern pattern, Iterable<String> lines) {
    var names = new TreeSet<String>();
    for (String line : lines) {
      pattern.matcher(line).results().forEach(match -> names.add(match.group(1)));
    }
    return names;
  }

  @Test
  void everyKindThatIsRecordedIsListedAndNoOther() {
    var recorded = new TreeSet<String>();
    SourceTree.files(".java").stream()
        .filter(file -> file.matches("(managers|node)/src/main/.*"))
        .forEach(file -> recorded.addAll(found(LITERAL, SourceTree.lines(file))));
    recorded.removeAll(NO_KINDS);
    assertThat(found(LISTED, SourceTree.lines("docs/EVENTS.md"))).isEqualTo(recorded);
  }
}
