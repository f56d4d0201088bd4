package io.ringrift.chaos.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Writes what a run or several are told by.
public final class Reports {
  private Reports() {}

  /// Writes `NAME.html` and `NAME.json` for the run; files of that name are replaced.
  ///
  /// @return the page
  public static Path write(Path folder, Judged judged) throws IOException {
    Files.createDirectories(folder);
    Path page = folder.resolve(judged.name() + ".html");
    Files.writeString(page, RunPage.of(judged), StandardCharsets.UTF_8);
    EvidenceFile.write(folder.resolve(judged.name() + ".json"), judged);
    return page;
  }

  /// Writes `index.html`, which links the pages of the runs, `junit.xml` and `suite.json`, over all
  /// runs and over what was not run.
  public static void writeSum(Path folder, List<Judged> all, List<NotRun> notRun)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("junit.xml"), JunitFile.of(all, notRun), StandardCharsets.UTF_8);
    Files.writeString(
        folder.resolve("index.html"), IndexPage.of(all, notRun), StandardCharsets.UTF_8);
    SuiteFile.write(folder, all, notRun);
  }
}
