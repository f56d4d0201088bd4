package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ClockFaultsTest {
  private static final List<String> BOTH = List.of("n1", "n2");

  @TempDir private Path folder;

  private List<Path> written() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /// Nobody answers on a quiet ground.
  @Test
  void aNodeThatTellsNothingKeepsNoOtherFromATrueClock() throws Exception {
    var ground = new QuietGround(folder);
    for (String node : BOTH) {
      Files.createDirectories(ground.log(node).resolveSibling("."));
    }
    var clocks = new ClockFaults(ground);
    clocks.fast(BOTH, 100);
    assertThat(written()).hasSize(2);
    assertThat(clocks.end(BOTH, 100)).isEmpty();
    assertThat(written()).isEmpty();
  }
}
