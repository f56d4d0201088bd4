package io.ringrift.chaos.report;

/// Text made safe for HTML and XML, in content and in attributes.
final class Escape {
  private Escape() {}

  static String of(String text) {
    var safe = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(point -> append(safe, point));
    return safe.toString();
  }

  private static void append(StringBuilder safe, int point) {
    switch (point) {
      case '&' -> safe.append("&amp;");
      case '<' -> safe.append("&lt;");
      case '>' -> safe.append("&gt;");
      case '"' -> safe.append("&quot;");
      case '\'' -> safe.append("&#39;");
      default -> {
        // What XML does not allow is shown as the sign for that.
        boolean allowed =
            point == '\t'
                || point == '\n'
                || (point >= 0x20 && point < 0xD800)
                || (point > 0xDFFF && point < 0xFFFE)
                || point > 0xFFFF;
        safe.appendCodePoint(allowed ? point : 0xFFFD);
      }
    }
  }
}
