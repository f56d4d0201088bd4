package io.ringrift.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.check.Story;
import io.ringrift.chaos.check.Verdict;
import io.ringrift.chaos.report.Judged;
import io.ringrift.chaos.report.Reports;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ChaosReportTest {
  @TempDir private Path folder;
  private final StringWriter said = new StringWriter();

  private int chaos(String... words) {
    CommandLine line = ChaosMain.commandLine();
    line.setOut(new PrintWriter(said, true));
    line.setErr(new PrintWriter(said, true));
    return line.execute(words);
  }

  @Test
  void aResultOfAnotherBuildIsNamedAndKeepsNoOtherFromBeingTold() throws IOException {
    var evidence = new Story().evidence();
    Path page =
        Reports.write(folder, new Judged(evidence, new Verdict(List.of(), evidence.failure())));
    assertThat(chaos("report", folder.toString())).isZero();
    Files.writeString(folder.resolve("a-process-http-bully-1.json"), "{\"format\": 1}");
    assertThat(chaos("report", folder.toString())).as("no pass: one is not read").isEqualTo(2);
    assertThat(said.toString())
        .contains("not read")
        .contains("a-process-http-bully-1.json is no result of a chaos run: it has format 1")
        .contains("kept          " + page);
  }

  /// 1 is said of a violation.
  @Test
  void aReportThatCannotBeWrittenIsNoViolation() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(chaos("run", "skewed-clock", "--report", file.toString())).isEqualTo(2);
    assertThat(said.toString()).contains(file.toString());
  }
}
