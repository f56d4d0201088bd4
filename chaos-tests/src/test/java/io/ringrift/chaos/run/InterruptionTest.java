package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class InterruptionTest {
  @Test
  void aGroundThatCannotBeClosedDoesNotKeepTheFolder() throws Exception {
    var told = new StringWriter();
    try (var interruption = new Interruption(new PrintWriter(told))) {
      Path folder = interruption.folder();
      Files.writeString(folder.resolve("node.log"), "a line");
      interruption.opened(
          new QuietGround(folder) {
            @Override
            public void close() {
              throw new IllegalStateException("a proxy does not end");
            }
          });
      interruption.clean();
      assertThat(folder).doesNotExist();
    }
    assertThat(told.toString()).contains("a proxy does not end").doesNotContain("chaos clean");
  }
}
