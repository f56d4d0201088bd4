package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OddOnesTest {
  private static final String REFUSAL =
      "12:00 WARN SETTINGS_MISMATCH at 127.0.0.1:1: lease_duration is PT9S against PT2S\n";

  @TempDir private Path folder;

  private Path log(QuietGround ground, String text) throws IOException {
    Path log = ground.log("n2");
    Files.createDirectories(log.getParent());
    return Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void whoIsRefusedByNobodyShowsNothing() throws IOException {
    var ground = new QuietGround(folder);
    var odd = new OddOnes(ground);
    odd.begin(List.of("n2"));
    assertThat(odd.end(List.of("n2"))).isEmpty();
    // What was told of it in a former life shows nothing either.
    log(ground, REFUSAL);
    odd.begin(List.of("n2"));
    log(ground, "12:01 INFO started\n");
    assertThat(odd.end(List.of("n2"))).isEmpty();
  }

  @Test
  void theWordsOfTheRefusalAreTold() throws IOException {
    var ground = new QuietGround(folder);
    var odd = new OddOnes(ground);
    log(ground, "12:00 INFO started\n");
    odd.begin(List.of("n2"));
    log(ground, "12:01 INFO started\n" + REFUSAL);
    assertThat(odd.end(List.of("n2"))).startsWith("n2: ").contains("PT9S against PT2S");
    assertThat(odd.end(List.of("n1", "n2"))).isEmpty();
  }
}
