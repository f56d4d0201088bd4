package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Names of nodes in which `*` stands for any characters and `?` for one.
public final class Glob {
  private Glob() {}

  /// @throws Refusal INVALID_ARGUMENT naming the setting
  public static String checked(String setting, String glob) {
    if (!glob.matches("[A-Za-z0-9._*?-]{1,64}")) {
      throw Refusal.invalid(setting, glob, "1 to 64 of A-Z a-z 0-9 . _ - * ?");
    }
    return glob;
  }

  static boolean covers(String glob, NodeId node) {
    String pattern =
        glob.chars()
            .mapToObj(
                c ->
                    switch (c) {
                      case '*' -> ".*";
                      case '?' -> ".";
                      default -> Pattern.quote(Character.toString(c));
                    })
            .collect(Collectors.joining());
    return node.value().matches(pattern);
  }

  static boolean anyCovers(Collection<String> globs, NodeId node) {
    return globs.stream().anyMatch(glob -> covers(glob, node));
  }
}
