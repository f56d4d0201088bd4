package io.ringrift.kernel.consensus.bully;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Scenarios as text (STYLE P7b): lines that begin with `>` are what the cluster did, all others
/// are what was done to it. A transcript passes when the run prints the file itself.
class TranscriptTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "first-election",
        "leader-cut-off",
        "divergent-tail",
        "step-down",
        "snapshot-for-the-late"
      })
  void runPrintsItsTranscript(String name) throws IOException {
    try (InputStream in =
        TranscriptTest.class.getResourceAsStream("/transcripts/" + name + ".txt")) {
      assertThat(in).as(name).isNotNull();
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(Transcript.run(text)).isEqualTo(text);
    }
  }
}
