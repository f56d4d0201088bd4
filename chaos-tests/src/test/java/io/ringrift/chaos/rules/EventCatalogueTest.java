package io.ringrift.chaos.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// docs/EVENTS.md names every kind of event that is recorded, and no other. That a kind is read
/// somewhere records nothing.
final class EventCatalogueTest {
  private static final String WORD =
      "((?:TASK|WORK|BACKPRESSURE|DATA|HOST|QUORUM|TRAINING|GATE|EVALUATION|MODEL|PROMOTION"
          + "|SELFPLAY|EXPLORATION|ELO|TOURNAMENT|CONFIG|NODE|DISK|CLUSTER|SCALE|SPLIT_BRAIN|EPOCH"
          + "|LEADER|MODE|VOTERS|STATE)"
          + "_[A-Z_]+)";
  private static final Pattern LITERAL = Pattern.compile("\"" + WORD + "\"");
  private static final Pattern LISTED = Pattern.compile("`" + WORD + "`");

  /// Where a text is compared with something or taken away from it: labels of a switch, `equals` on
  /// either side, `replace`.
  private static final Pattern READ =
      Pattern.compile(
          "case\\s+\"[^\"]*\"(?:\\s*,\\s*\"[^\"]*\")*"
              + "|(?:equals|replace)\\(\\s*\"[^\"]*\""
              + "|\"[^\"]*\"\\s*(?:\\.|::)equals");

  /// Names of other things that read alike.
  private static final Set<String> NO_KINDS = Set.of("WORK_STATE_");

  private static Set<String> found(Pattern pattern, String text) {
    var names = new TreeSet<String>();
    pattern.matcher(text).results().forEach(match -> names.add(match.group(1)));
    return names;
  }

  private static Set<String> emitted(String source) {
    return found(LITERAL, READ.matcher(source).replaceAll(""));
  }

  @Test
  void everyKindThatIsRecordedIsListedAndNoOther() {
    var recorded = new TreeSet<String>();
    SourceTree.files(".java").stream()
        .filter(file -> file.matches("(managers|node)/src/main/.*"))
        .forEach(file -> recorded.addAll(emitted(String.join("\n", SourceTree.lines(file)))));
    recorded.removeAll(NO_KINDS);
    var listed = found(LISTED, String.join("\n", SourceTree.lines("docs/EVENTS.md")));
    assertThat(listed).isEqualTo(recorded);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "case \"ELO_VELOCITY_CHANGED\" -> trend(attributes);",
        "case \"HOST_ONLINE\",\n    \"HOST_OFFLINE\" -> true;",
        "if (event.getKind().equals(\"NODE_RETIRED\")) {",
        ".filter(\"CLUSTER_ALERT\"::equals)",
        "name.replace(\"MODEL_STATE_\", \"\")"
      })
  void aReaderRecordsNothing(String source) {
    assertThat(emitted(source)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "office.event(epoch, \"TASK_SPAWNED\", id, Map.of());",
        "case JOB_STATE_RUNNING -> \"TASK_SPAWNED\";",
        "static final String KIND = \"TASK_SPAWNED\";"
      })
  void anEmitterDoes(String source) {
    assertThat(emitted(source)).containsExactly("TASK_SPAWNED");
  }
}
