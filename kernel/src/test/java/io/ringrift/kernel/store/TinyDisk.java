package io.ringrift.kernel.store;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// A small file system of its own in memory, which a test can really fill. Needs the right to
/// mount; without it the test is skipped and says so.
public final class TinyDisk implements AutoCloseable {
  private final Path folder;
  private final Path filler;

  private TinyDisk(Path folder) {
    this.folder = folder;
    this.filler = folder.resolve("filler");
  }

  public static TinyDisk mount(Path folder, int mebibytes) {
    try {
      Files.createDirectories(folder);
      String size = String.format(Locale.ROOT, "size=%dm", mebibytes);
      assumeTrue(
          run("mount", "-t", "tmpfs", "-o", size, "tmpfs", folder.toString()),
          "no right to mount a small file system here: a really full disk is not tested");
      return new TinyDisk(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Not a byte is left.
  public void fill() {
    var block = ByteBuffer.allocate(1 << 16);
    try (var channel =
        FileChannel.open(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        block.clear();
        channel.write(block);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space left")) {
        throw new UncheckedIOException(e);
      }
    }
  }

  public void free() {
    try {
      Files.delete(filler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    boolean unmounted = run("umount", "-l", folder.toString());
    if (!unmounted) {
      throw new IllegalStateException(folder + " stays mounted");
    }
  }

  private static boolean run(String... command) {
    try {
      Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
