package io.ringrift.node.cli;

import io.ringrift.node.config.ConfigLoader;
import io.ringrift.node.config.Env;
import io.ringrift.node.config.Key;
import io.ringrift.node.config.NodeConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Gives a command one flag per setting, so that flags, file and environment never drift apart.
final class ConfigFlags {
  private ConfigFlags() {}

  static void addTo(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    spec.addOption(
        OptionSpec.builder("--config")
            .type(Path.class)
            .paramLabel("FILE")
            .description("cluster.yaml (env RINGRIFT_CONFIG).")
            .defaultValue("${env:RINGRIFT_CONFIG:-" + CommandLine.Option.NULL_VALUE + "}")
            .build());
    for (Key key : Key.values()) {
      spec.addOption(
          OptionSpec.builder(key.flag())
              .type(String.class)
              .arity("0..1")
              .fallbackValue("true")
              .paramLabel("VALUE")
              .description(
                  "env " + String.join(", ", key.variables()) + defaultText(key.fallback()))
              .build());
    }
  }

  /// @throws io.ringrift.kernel.Refusal INVALID_ARGUMENT naming every fault
  static NodeConfig load(CommandSpec spec) {
    return source(spec).get();
  }

  /// Reads the configuration of the command's flags, of the file anew each time.
  static Supplier<NodeConfig> source(CommandSpec spec) {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (Key key : Key.values()) {
      String value = spec.findOption(key.flag()).getValue();
      if (value != null) {
        overrides.put(key.path(), value);
      }
    }
    Path file = spec.findOption("--config").getValue();
    return () -> ConfigLoader.load(Optional.ofNullable(file), Env.system(), overrides);
  }

  private static String defaultText(String fallback) {
    return fallback.isEmpty() ? "" : "; default " + fallback.replace("%", "%%");
  }
}
