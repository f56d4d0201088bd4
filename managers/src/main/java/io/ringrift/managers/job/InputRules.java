package io.ringrift.managers.job;

import io.ringrift.job.v1.InputFile;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/// What the inputs of a job have to keep to before it may enter the log. Whether a path is one of a
/// data file is checked again by whoever reads or writes it.
@Pure
final class InputRules {
  static final int MOST_INPUTS = 256;

  /// All paths together: the hashes beside them fit into the largest spec too.
  private static final int MOST_CHARS = 32 * 1024;

  private static final int LONGEST_PATH = 1024;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private InputRules() {}

  /// @throws Refusal INVALID_ARGUMENT naming field, value and rule
  static void check(List<InputFile> inputs) {
    if (inputs.size() > MOST_INPUTS) {
      throw Refusal.invalid("inputs", inputs.size() + " files", "at most " + MOST_INPUTS);
    }
    int chars = inputs.stream().mapToInt(input -> input.getPath().length()).sum();
    if (chars > MOST_CHARS) {
      throw Refusal.invalid(
          "inputs",
          "paths of " + chars + " characters",
          "paths of at most " + MOST_CHARS + " in all");
    }
    var seen = new HashSet<String>();
    for (int i = 0; i < inputs.size(); i++) {
      String field = "inputs[" + i + "]";
      path(field + ".path", inputs.get(i).getPath());
      if (!SHA256.matcher(inputs.get(i).getSha256()).matches()) {
        throw Refusal.invalid(
            field + ".sha256", inputs.get(i).getSha256(), "64 lower-case hex digits");
      }
      if (!seen.add(inputs.get(i).getPath())) {
        throw Refusal.invalid(field + ".path", inputs.get(i).getPath(), "named once");
      }
    }
  }

  private static void path(String field, String path) {
    boolean plain =
        !path.isEmpty()
            && path.length() <= LONGEST_PATH
            && path.chars().noneMatch(c -> c < ' ' || c == 127 || c == '\\');
    boolean inside =
        List.of(path.split("/", -1)).stream()
            .noneMatch(name -> name.isEmpty() || name.equals(".") || name.equals(".."));
    if (!plain || !inside) {
      throw Refusal.invalid(
          field,
          path,
          "a path of at most 1024 characters relative to the data root, without \".\", \"..\","
              + " backslashes and control characters");
    }
  }
}
