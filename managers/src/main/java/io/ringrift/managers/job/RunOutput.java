package io.ringrift.managers.job;

import io.ringrift.managers.JsonFields;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// The result that a run prints: the last line of its stdout, when it is a JSON object. Reads the
/// tail of the log only. Blocks on the disk.
final class RunOutput {
  static final int MOST_BYTES = 8 * 1024;

  private RunOutput() {}

  /// @return the line as it was printed, without its end; empty when it is no JSON object of at
  ///   most 8 KiB
  static String of(LogFile stdout) {
    byte[] tail = tail(stdout, MOST_BYTES + 2);
    int end = tail.length;
    if (end > 0 && tail[end - 1] == '\n') {
      end--;
    }
    if (end > 0 && tail[end - 1] == '\r') {
      end--;
    }
    int from = end;
    while (from > 0 && tail[from - 1] != '\n') {
      from--;
    }
    boolean whole = from > 0 || tail.length < MOST_BYTES + 2;
    if (!whole || end - from > MOST_BYTES) {
      return "";
    }
    try {
      String line =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(tail, from, end - from))
              .toString();
      return JsonFields.matches(line) ? line : "";
    } catch (CharacterCodingException e) {
      // Bytes that are no text are no JSON.
      return "";
    }
  }

  /// The log may have been cut in between: its parts are read one after the other.
  private static byte[] tail(LogFile log, int most) {
    long end = log.end();
    long at = Math.max(0, end - most);
    var bytes = new ByteArrayOutputStream();
    while (at < end) {
      var part = log.read(at, (int) (end - at));
      if (part.bytes().length == 0) {
        break;
      }
      bytes.writeBytes(part.bytes());
      at = part.nextOffset();
    }
    return bytes.toByteArray();
  }
}
