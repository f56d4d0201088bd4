package io.ringrift.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableFilesTest {
  @TempDir Path folder;

  @Test
  void aWriteReplacesTheFileAndLeavesNothingBeside() throws IOException {
    Path file = folder.resolve("mark");
    DurableFiles.write(file, "a longer text");
    DurableFiles.write(file, "short");
    assertThat(file).hasContent("short");
    assertThat(folder).isDirectoryContaining(each -> each.equals(file));
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void aWriteThatFailsLeavesTheFileAsItWas() throws IOException {
    Path file = folder.resolve("mark");
    DurableFiles.write(file, "before");
    Files.createDirectory(folder.resolve("mark.partial"));
    assertThatThrownBy(() -> DurableFiles.write(file, "after")).isInstanceOf(IOException.class);
    assertThat(file).hasContent("before");
  }

  @Test
  void aLeftoverOfAWriteThatWasCutOffIsWrittenOver() throws IOException {
    Path file = folder.resolve("mark");
    Files.writeString(folder.resolve("mark.partial"), "cut off, and longer than what comes");
    DurableFiles.write(file, "whole");
    assertThat(file).hasContent("whole");
  }
}
