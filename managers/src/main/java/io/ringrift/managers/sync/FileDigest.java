package io.ringrift.managers.sync;

import io.ringrift.managers.DigestCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// SHA-256 of files, and the identity under which it is remembered. Streams; never holds a file.
final class FileDigest {
  private static final int BUFFER = 1 << 18;
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  private FileDigest() {}

  static boolean isSha256(String text) {
    return HEX.matcher(text).matches();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  static String ofText(String text) {
    var digest = sha256();
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    return hex(digest);
  }

  /// Reads and hashes the file; refuses to follow a link.
  static String of(Path file) throws IOException {
    var digest = sha256();
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      update(digest, channel, Long.MAX_VALUE);
    }
    return hex(digest);
  }

  /// Hash of what remains in a buffer.
  static String of(ByteBuffer bytes) {
    var digest = sha256();
    digest.update(bytes);
    return hex(digest);
  }

  /// Hashes on from the channel's position, at most so many bytes.
  static void update(MessageDigest digest, FileChannel channel, long most) throws IOException {
    var buffer = ByteBuffer.allocate(BUFFER);
    long left = most;
    while (left > 0) {
      buffer.clear().limit((int) Math.min(BUFFER, left));
      int read = channel.read(buffer);
      if (read < 0) {
        return;
      }
      left -= read;
      digest.update(buffer.flip());
    }
  }

  /// Identity of a file as it stands now.
  static DigestCache.Identity identity(String path, Path file) throws IOException {
    Map<String, Object> attributes = attributes(file);
    var modified = attributes.get("lastModifiedTime");
    var size = attributes.get("size");
    var inode = attributes.get("ino");
    return new DigestCache.Identity(
        path,
        size instanceof Long bytes ? bytes : 0,
        modified instanceof FileTime time ? time.to(TimeUnit.NANOSECONDS) : 0,
        inode instanceof Long number ? number : 0);
  }

  private static Map<String, Object> attributes(Path file) throws IOException {
    try {
      return Files.readAttributes(
          file, "unix:size,lastModifiedTime,ino", LinkOption.NOFOLLOW_LINKS);
    } catch (UnsupportedOperationException e) {
      // A file system without inodes.
      return Files.readAttributes(file, "size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
    }
  }

  /// A digest and the identity it is for.
  record Known(DigestCache.Identity identity, String sha256) {}

  /// Digest from the cache or from the disk; empty when the file kept changing while it was read.
  static Optional<Known> known(DigestCache cache, String path, Path file) throws IOException {
    for (int attempt = 0; attempt < 2; attempt++) {
      var identity = identity(path, file);
      var cached = cache.get(identity);
      if (cached.isPresent()) {
        return Optional.of(new Known(identity, cached.get()));
      }
      String sha256 = of(file);
      if (identity(path, file).equals(identity)) {
        cache.put(identity, sha256);
        return Optional.of(new Known(identity, sha256));
      }
    }
    return Optional.empty();
  }
}
