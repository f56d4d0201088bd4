package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import java.util.Collection;

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
    String name = node.value();
    int star = -1;
    int from = 0;
    int g = 0;
    int n = 0;
    // Only the last star is tried with more: what an earlier one left over, a later one can take.
    while (n < name.length()) {
      if (g < glob.length() && glob.charAt(g) == '*') {
        star = g++;
        from = n;
      } else if (g < glob.length() && (glob.charAt(g) == '?' || glob.charAt(g) == name.charAt(n))) {
        g++;
        n++;
      } else if (star >= 0) {
        g = star + 1;
        n = ++from;
      } else {
        return false;
      }
    }
    return glob.substring(g).chars().allMatch(c -> c == '*');
  }

  public static boolean anyCovers(Collection<String> globs, NodeId node) {
    return globs.stream().anyMatch(glob -> covers(glob, node));
  }
}
