package io.ringrift.chaos.scenario;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The scenarios that come with the suite, and those of a user's own file.
public final class Scenarios {
  private static final String FOLDER = "/scenarios/";
  private static final long LARGEST_BYTES = 256 << 10;

  private Scenarios() {}

  /// All that come with the suite, in the order of `index`.
  public static List<Scenario> all() {
    return resource("index")
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .map(Scenarios::named)
        .toList();
  }

  /// By its name, or by the path of a file that ends in `.yaml`.
  ///
  /// @throws Refusal INVALID_ARGUMENT, when there is none or naming every fault of the file
  public static Scenario of(String name) {
    return name.endsWith(".yaml") ? file(Path.of(name)) : named(name);
  }

  private static Scenario named(String name) {
    Scenario scenario = ScenarioFile.parse(Scenario.Origin.named(name), resource(name + ".yaml"));
    if (!scenario.name().equals(name)) {
      throw Refusal.invalid("name", scenario.name(), "\"" + name + "\", as its file is called");
    }
    return scenario;
  }

  private static Scenario file(Path file) {
    try {
      if (Files.size(file) > LARGEST_BYTES) {
        throw Refusal.invalid("scenario", file.toString(), "a file of at most 256 KiB");
      }
      return ScenarioFile.parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new Refusal(Reason.INVALID_ARGUMENT, file + " cannot be read: " + e, e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = Scenarios.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new Refusal(
            Reason.INVALID_ARGUMENT,
            "there is no scenario "
                + name.replace(".yaml", "")
                + "; \"chaos list\" shows all, and a file of your own has to end in .yaml");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
