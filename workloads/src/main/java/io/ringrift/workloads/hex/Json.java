package io.ringrift.workloads.hex;

import java.util.Locale;

/// One JSON object on one line, fields in the order of their writing.
final class Json {
  private final StringBuilder text = new StringBuilder("{");

  Json put(String name, String value) {
    field(name).append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ') {
        text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
    return this;
  }

  Json put(String name, long value) {
    field(name).append(value);
    return this;
  }

  /// A number with that many digits after the point.
  Json put(String name, double value, int digits) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " is " + value + ", which JSON cannot say");
    }
    field(name).append(String.format(Locale.ROOT, "%." + digits + "f", value));
    return this;
  }

  private StringBuilder field(String name) {
    return text.append(text.length() > 1 ? "," : "").append('"').append(name).append("\":");
  }

  @Override
  public String toString() {
    return text + "}";
  }
}
