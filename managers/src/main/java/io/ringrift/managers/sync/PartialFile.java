package io.ringrift.managers.sync;

import io.ringrift.kernel.store.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/// A file on its way: hashed while it is written. What an earlier try left is hashed first and kept
/// (RELIABILITY S2). One thread.
final class PartialFile implements AutoCloseable {
  private final FileChannel channel;
  private final MessageDigest digest = FileDigest.sha256();
  private long length;

  private PartialFile(FileChannel channel) {
    this.channel = channel;
  }

  /// @param size of the whole; a longer rest of an earlier try is thrown away
  static PartialFile open(Space space, Path path, long size) throws IOException {
    var channel =
        space.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    var partial = new PartialFile(channel);
    try {
      if (channel.size() > size) {
        channel.truncate(0);
      }
      partial.length = channel.size();
      FileDigest.update(partial.digest, channel, partial.length);
      return partial;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  long length() {
    return length;
  }

  void append(ByteBuffer bytes) throws IOException {
    digest.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      length += channel.write(bytes, length);
    }
  }

  /// Forgets everything received.
  void restart() throws IOException {
    channel.truncate(0);
    digest.reset();
    length = 0;
  }

  /// Hash of everything received; asked once.
  String sha256() {
    return FileDigest.hex(digest);
  }

  void force() throws IOException {
    channel.force(true);
  }

  /// Gives a durable file its final name unless the name is taken: a second name for it, then the
  /// first is dropped. A rename would replace what stands there. Throws FileAlreadyExistsException.
  static void publish(Path path, Path target) throws IOException {
    try {
      Files.createLink(target, path);
      Files.delete(path);
    } catch (UnsupportedOperationException e) {
      // No hard links here: the check for a taken name and the rename are two steps.
      Files.move(path, target);
    }
    DurableFiles.syncFolderOf(target);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
