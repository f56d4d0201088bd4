package io.ringrift.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What `bin/ringrift` reads from the environment.
class LauncherVariablesTest {
  @Test
  void whatTheStartScriptReadsIsNotCalledUnknownByTheNode() throws IOException {
    var variables = new TreeMap<String, String>();
    Pattern.compile("RINGRIFT_[A-Z_]+")
        .matcher(Files.readString(Path.of("..", "bin", "ringrift")))
        .results()
        .forEach(name -> variables.put(name.group(), "x"));
    assertThat(variables).containsKeys("RINGRIFT_JAVA_HOME", "RINGRIFT_MAX_HEAP");
    assertThat(ConfigLoader.load(Optional.empty(), new Env(variables), Map.of()).warnings())
        .isEmpty();
  }
}
