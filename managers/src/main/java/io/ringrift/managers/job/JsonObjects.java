package io.ringrift.managers.job;

import io.ringrift.kernel.Pure;
import java.util.regex.Pattern;

/// Whether a text is one JSON object (RFC 8259) and nothing beside. Strict, and bounded in depth.
@Pure
final class JsonObjects {
  private static final int DEEPEST = 32;
  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");

  private final String text;
  private int at;

  private JsonObjects(String text) {
    this.text = text;
  }

  static boolean matches(String text) {
    var reader = new JsonObjects(text);
    reader.blanks();
    if (reader.next() != '{' || !reader.value(0)) {
      return false;
    }
    reader.blanks();
    return reader.at == text.length();
  }

  /// The next character; NUL, which no JSON has outside of escapes, at the end.
  private char next() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private void blanks() {
    while (next() == ' ' || next() == '\t' || next() == '\r' || next() == '\n') {
      at++;
    }
  }

  private boolean takes(char wanted) {
    blanks();
    if (next() != wanted) {
      return false;
    }
    at++;
    return true;
  }

  private boolean value(int depth) {
    blanks();
    return switch (next()) {
      case '{' -> depth < DEEPEST && members('}', depth);
      case '[' -> depth < DEEPEST && members(']', depth);
      case '"' -> string();
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    };
  }

  /// Of an object or, when it ends so, of an array.
  private boolean members(char end, int depth) {
    at++;
    if (takes(end)) {
      return true;
    }
    do {
      blanks();
      if (end == '}' && !(string() && takes(':'))) {
        return false;
      }
      if (!value(depth + 1)) {
        return false;
      }
    } while (takes(','));
    return takes(end);
  }

  private boolean string() {
    if (next() != '"') {
      return false;
    }
    at++;
    while (next() >= ' ' && next() != '"') {
      if (next() == '\\' && !escape()) {
        return false;
      }
      at++;
    }
    boolean closed = next() == '"';
    at++;
    return closed;
  }

  /// Ends on the last character of the escape.
  private boolean escape() {
    at++;
    if (next() != 'u') {
      return next() != '\0' && "\"\\/bfnrt".indexOf(next()) >= 0;
    }
    for (int i = 0; i < 4; i++) {
      at++;
      if (Character.digit(next(), 16) < 0 || next() > 'f') {
        return false;
      }
    }
    return true;
  }

  private boolean word(String word) {
    boolean there = text.startsWith(word, at);
    at += there ? word.length() : 0;
    return there;
  }

  private boolean number() {
    var number = NUMBER.matcher(text).region(at, text.length());
    if (!number.lookingAt()) {
      return false;
    }
    at = number.end();
    return true;
  }
}
