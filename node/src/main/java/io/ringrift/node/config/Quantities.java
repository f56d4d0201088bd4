package io.ringrift.node.config;

import io.ringrift.kernel.Refusal;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Reads durations, sizes, whole numbers and booleans as people write them.
public final class Quantities {
  private static final Pattern AMOUNT =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)\\s*([a-zA-Z/]*)");
  private static final BigDecimal LONGEST_SECONDS = BigDecimal.valueOf(10L * 365 * 24 * 3600);
  private static final Map<String, BigDecimal> SECONDS =
      Map.of(
          "",
          BigDecimal.ONE,
          "ms",
          new BigDecimal("0.001"),
          "s",
          BigDecimal.ONE,
          "m",
          BigDecimal.valueOf(60),
          "h",
          BigDecimal.valueOf(3600),
          "d",
          BigDecimal.valueOf(86_400));
  private static final Map<String, Long> BYTES =
      Map.of(
          "",
          1L,
          "b",
          1L,
          "kb",
          1_000L,
          "mb",
          1_000_000L,
          "gb",
          1_000_000_000L,
          "kib",
          1L << 10,
          "mib",
          1L << 20,
          "gib",
          1L << 30);

  private Quantities() {}

  /// `500ms`, `15s`, `2m`, `1h`, `1d` or plain seconds; zero is a value.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the field
  public static Duration duration(String field, String text) {
    var amount = AMOUNT.matcher(text.strip());
    if (amount.matches() && SECONDS.containsKey(amount.group(2))) {
      var seconds = new BigDecimal(amount.group(1)).multiply(unit(SECONDS, amount.group(2)));
      if (seconds.compareTo(LONGEST_SECONDS) <= 0) {
        return Duration.ofNanos(seconds.movePointRight(9).longValue());
      }
    }
    throw Refusal.invalid(
        field, text, "a duration such as 500ms, 15s, 2m or 1h, or plain seconds, at most 10 years");
  }

  /// `100MB`, `64MiB`, `1GB/s` or plain bytes; zero is a value.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the field
  public static long bytes(String field, String text) {
    var amount = AMOUNT.matcher(text.strip());
    if (amount.matches()) {
      String unit = amount.group(2).toLowerCase(Locale.ROOT).replaceFirst("/s$", "");
      if (BYTES.containsKey(unit)) {
        var bytes = new BigDecimal(amount.group(1)).multiply(BigDecimal.valueOf(unit(BYTES, unit)));
        if (bytes.compareTo(BigDecimal.valueOf(1L << 50)) <= 0) {
          return bytes.longValue();
        }
      }
    }
    throw Refusal.invalid(field, text, "a size such as 100MB, 64MiB or plain bytes, at most 1 PiB");
  }

  /// A whole number within bounds.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the field
  public static int whole(String field, String text, int least, int greatest) {
    try {
      int value = Integer.parseInt(text.strip());
      if (value >= least && value <= greatest) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw Refusal.invalid(field, text, "a whole number from " + least + " to " + greatest);
    }
    throw Refusal.invalid(field, text, "a whole number from " + least + " to " + greatest);
  }

  /// true or false, also as 1, 0, yes, no, on, off.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the field
  public static boolean flag(String field, String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "1", "yes", "on" -> true;
      case "false", "0", "no", "off" -> false;
      default -> throw Refusal.invalid(field, text, "true or false");
    };
  }

  /// A duration as it can be read again, for example `1500ms`, `15s` or `2m`.
  public static String text(Duration value) {
    long millis = value.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    }
    return seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds / 60 + "m";
  }

  private static <T> T unit(Map<String, T> units, String name) {
    T unit = units.get(name);
    if (unit == null) {
      throw new IllegalStateException("unit " + name + " was checked before");
    }
    return unit;
  }
}
