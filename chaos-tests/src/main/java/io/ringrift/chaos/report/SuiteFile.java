package io.ringrift.chaos.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The sum of several runs as one JSON file: a verdict for each, and what was not run and why.
/// Names of fields are stable; `format` counts up when one changes its meaning.
public final class SuiteFile {
  /// Its name; those of runs hold more than one word.
  public static final String NAME = "suite.json";

  private static final int FORMAT = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  private SuiteFile() {}

  private record Run(
      @JsonProperty("name") String name,
      @JsonProperty("scenario") String scenario,
      @JsonProperty("verdict") String verdict,
      @JsonProperty("exitCode") int exitCode) {}

  private record Content(
      @JsonProperty("format") int format,
      @JsonProperty("runs") List<Run> runs,
      @JsonProperty("notRun") List<NotRun> notRun) {}

  static void write(Path folder, List<Judged> all, List<NotRun> notRun) throws IOException {
    List<Run> runs =
        all.stream()
            .map(
                judged ->
                    new Run(
                        judged.name(),
                        judged.run().setting().scenario(),
                        judged.verdict().word(),
                        judged.verdict().exitCode()))
            .toList();
    JSON.writerWithDefaultPrettyPrinter()
        .writeValue(folder.resolve(NAME).toFile(), new Content(FORMAT, runs, notRun));
  }

  /// What was not run, by the file in a folder of reports; nothing where there is no such file.
  ///
  /// @throws IOException when the file is not one of these; the message names it
  public static List<NotRun> notRun(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      JsonNode tree = JSON.readTree(file.toFile());
      if (tree.path("format").asInt() != FORMAT) {
        throw new IOException(
            "it has format %d; this build reads %d".formatted(tree.path("format").asInt(), FORMAT));
      }
      var all = new ArrayList<NotRun>();
      for (JsonNode each : tree.path("notRun")) {
        all.add(JSON.treeToValue(each, NotRun.class));
      }
      return all;
    } catch (IOException e) {
      throw new IOException(file + " is no sum of chaos runs: " + e.getMessage(), e);
    }
  }
}
