package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import java.util.regex.Pattern;

/// Rules of the texts that name what the state keeps.
@Pure
final class Names {
  static final Pattern ID = Pattern.compile("[0-9A-Za-z._:-]{1,64}");
  static final Pattern CONFIG = Pattern.compile("[a-z0-9]{1,20}_[234]p");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final int LONGEST_PATH = 500;

  private Names() {}

  /// @throws Refusal INVALID_ARGUMENT
  static void requireId(String field, String value) {
    require(ID.matcher(value).matches(), field, value, "1 to 64 letters, digits, dots or dashes");
  }

  /// @throws Refusal INVALID_ARGUMENT
  static void requireConfig(String field, String value) {
    require(
        CONFIG.matcher(value).matches(), field, value, "board and players, hex5_2p for example");
  }

  /// @throws Refusal INVALID_ARGUMENT
  static void requireSha256(String field, String value) {
    require(SHA256.matcher(value).matches(), field, value, "64 hexadecimal digits in lower case");
  }

  /// @throws Refusal INVALID_ARGUMENT
  static void requirePath(String field, String value) {
    boolean good =
        !value.isEmpty()
            && value.length() <= LONGEST_PATH
            && !value.startsWith("/")
            && !value.contains("\\")
            && value.chars().noneMatch(c -> c < ' ')
            && Pattern.compile("/").splitAsStream(value).noneMatch(Names::odd);
    require(good, field, value, "a path under the data root, without . or .. and at most 500 long");
  }

  private static boolean odd(String part) {
    return part.isEmpty() || part.equals(".") || part.equals("..");
  }

  private static void require(boolean good, String field, String value, String rule) {
    if (!good) {
      throw Refusal.invalid(field, value, rule);
    }
  }
}
