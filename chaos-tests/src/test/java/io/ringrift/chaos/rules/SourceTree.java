package io.ringrift.chaos.rules;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The repository's own files, as git tracks them.
final class SourceTree {
  private SourceTree() {}

  /// The folder above the module that the tests run in.
  static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.isRegularFile(at.resolve("proto/pom.xml"))) {
      at = at.getParent();
    }
    if (at == null) {
      throw new IllegalStateException("no repository above " + Path.of("").toAbsolutePath());
    }
    return at;
  }

  /// Tracked and new files whose names end so, relative to the root, sorted.
  static List<String> files(String... endings) {
    try {
      var git =
          new ProcessBuilder("git", "ls-files", "-co", "--exclude-standard")
              .directory(root().toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String listed;
      try (var out = git.getInputStream()) {
        listed = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      }
      if (listed.isBlank()) {
        throw new IllegalStateException("git lists no files of " + root() + "; is it a clone?");
      }
      return listed
          .lines()
          .filter(name -> List.of(endings).stream().anyMatch(name::endsWith))
          .filter(name -> Files.isRegularFile(root().resolve(name)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> lines(String file) {
    try {
      return Files.readAllLines(root().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
