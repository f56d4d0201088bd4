package io.ringrift.chaos.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every Java file is as google-java-format writes it.
final class FormattingTest {
  @Test
  void everyFileIsFormatted() {
    var out = new StringWriter();
    var files = SourceTree.files(".java").stream().map(f -> SourceTree.root().resolve(f));
    ToolProvider.findFirst("google-java-format")
        .orElseThrow()
        .run(
            new PrintWriter(out, true),
            new PrintWriter(out, true),
            Stream.concat(Stream.of("--dry-run"), files.map(Object::toString))
                .toArray(String[]::new));
    assertThat(out.toString()).as("run bin/format to format these files").isBlank();
  }
}
