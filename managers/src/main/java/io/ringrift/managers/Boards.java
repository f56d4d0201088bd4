package io.ringrift.managers;

import io.ringrift.kernel.Pure;
import java.util.Set;
import java.util.regex.Pattern;

/// Boards that are played on: those of SPEC 1.1, and Hex of 5 to 11 cells a side.
@Pure
public final class Boards {
  private static final Pattern HEX = Pattern.compile("hex([5-9]|10|11)");
  private static final Set<String> NAMED = Set.of("square8", "square19", "hex8", "hexagonal");

  private Boards() {}

  public static boolean known(String board) {
    return NAMED.contains(board) || HEX.matcher(board).matches();
  }

  /// What a board has to be, for people.
  public static String rule() {
    return "one of " + NAMED.stream().sorted().toList() + " or hex5 to hex11";
  }
}
