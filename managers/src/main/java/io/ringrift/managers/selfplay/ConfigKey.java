package io.ringrift.managers.selfplay;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Refusal;
import java.util.regex.Pattern;

/// Board and players, `hex8_2p` (SPEC 1.1). The players come behind the last underscore.
///
/// @param players 2 to 4
@Pure
public record ConfigKey(String board, int players) {
  private static final Pattern TEXT = Pattern.compile("([a-z][a-z0-9_]{0,38})_([234])p");

  /// @throws Refusal INVALID_ARGUMENT naming the field
  public static ConfigKey parse(String field, String text) {
    var parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw Refusal.invalid(field, text, "a board and 2 to 4 players, for example hex8_2p");
    }
    return new ConfigKey(parts.group(1), parts.group(2).charAt(0) - '0');
  }

  @Override
  public String toString() {
    return board + "_" + players + "p";
  }
}
