package io.ringrift.workloads.hex;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/// The envelope of our binary files: eight letters, a version, the content, and the SHA-256 of all
/// that. Numbers are big-endian.
final class Sealed {
  private static final int MAGIC = 8;
  private static final int HEAD = MAGIC + Integer.BYTES;
  private static final long MOST_BYTES = 64_000_000;

  private Sealed() {}

  /// The whole file.
  static byte[] seal(String magic, int version, ByteBuffer content) {
    var all = ByteBuffer.allocate(HEAD + content.remaining() + Digests.LENGTH);
    all.put(magic.getBytes(US_ASCII)).putInt(version).put(content);
    var bytes = new byte[all.position()];
    all.flip().get(bytes);
    all.limit(all.capacity()).put(Digests.sha256().digest(bytes));
    var sealed = new byte[all.capacity()];
    all.flip().get(sealed);
    return sealed;
  }

  /// The bytes of a file that is not absurdly long.
  static byte[] bytes(Path file) throws BadFileException {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new BadFileException(file + " is longer than " + MOST_BYTES + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new BadFileException(file + " is not there", e);
    } catch (IOException e) {
      throw new BadFileException(file + " cannot be read: " + e, e);
    }
  }

  /// Whether the last bytes of a file are the digest of those before, whatever it is.
  static boolean whole(Path file) {
    try {
      byte[] bytes = bytes(file);
      int end = bytes.length - Digests.LENGTH;
      return end >= 0
          && Arrays.equals(digest(bytes, end), Arrays.copyOfRange(bytes, end, bytes.length));
    } catch (BadFileException e) {
      // Unreadable or absurdly long: not one of ours.
      return false;
    }
  }

  private static byte[] digest(byte[] bytes, int end) {
    return Digests.sha256().digest(Arrays.copyOf(bytes, end));
  }

  /// The content between head and digest.
  ///
  /// @param what for messages, such as "model"
  static ByteBuffer open(Path file, byte[] bytes, String what, String magic, int version)
      throws BadFileException {
    int end = bytes.length - Digests.LENGTH;
    if (bytes.length < MAGIC
        || !Arrays.equals(bytes, 0, MAGIC, magic.getBytes(US_ASCII), 0, MAGIC)) {
      throw new BadFileException(
          file + " is no " + what + " of Hex: it does not begin with " + magic);
    }
    if (end < HEAD) {
      throw new BadFileException(file + " is damaged: it ends after " + bytes.length + " bytes");
    }
    int found = ByteBuffer.wrap(bytes).getInt(MAGIC);
    if (found != version) {
      throw new BadFileException(
          file + " has version " + found + " but this program reads version " + version);
    }
    if (!Arrays.equals(digest(bytes, end), Arrays.copyOfRange(bytes, end, bytes.length))) {
      throw new BadFileException(file + " is damaged: its checksum does not match its content");
    }
    return ByteBuffer.wrap(bytes, HEAD, end - HEAD).slice();
  }
}
