package io.ringrift.managers.job;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Puts values in the place of `{name}`.
@Pure
final class Placeholders {
  /// Values that the supervisor knows by itself.
  static final Set<String> BUILT_IN =
      Set.of(
          "job_id",
          "attempt",
          "config_key",
          "board",
          "players",
          "games",
          "engine_mode",
          "seed",
          "output_dir",
          "data_dir",
          "gpus",
          "inputs");

  private static final Pattern PLACE = Pattern.compile("\\{([a-z][a-z0-9_]{0,63})}");
  private static final int LONGEST_VALUE = 4096;

  private Placeholders() {}

  /// Names that a text mentions.
  static Set<String> in(String text) {
    var names = new TreeSet<String>();
    PLACE.matcher(text).results().forEach(place -> names.add(place.group(1)));
    return names;
  }

  /// The text with its values.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming a placeholder without a value
  static String fill(String text, Map<String, String> values) {
    return PLACE.matcher(text).replaceAll(place -> escaped(value(place, values)));
  }

  private static String escaped(String value) {
    return java.util.regex.Matcher.quoteReplacement(value);
  }

  private static String value(MatchResult place, Map<String, String> values) {
    String name = place.group(1);
    String value = values.get(name);
    if (value == null) {
      throw Refusal.invalid(
          "placeholder",
          "{" + name + "}",
          "one that the job gives a value for: set the parameter " + name);
    }
    return value;
  }

  /// Built-in values, then the job's parameters, then the template's defaults.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming a parameter that the template does not know
  static Map<String, String> merged(
      WorkloadTemplate template, Map<String, String> builtIn, Map<String, String> params) {
    Set<String> known = template.parameters();
    var values = new LinkedHashMap<>(template.defaults());
    params.forEach(
        (name, value) -> {
          if (!known.contains(name)) {
            throw Refusal.invalid(
                "params." + name,
                value,
                "a parameter of workload " + template.name() + ", which are " + known);
          }
          if (value.length() > LONGEST_VALUE || value.indexOf('\0') >= 0) {
            throw Refusal.invalid(
                "params." + name, value, "at most " + LONGEST_VALUE + " characters without NUL");
          }
          values.put(name, value);
        });
    values.putAll(builtIn);
    return values;
  }
}
