package io.ringrift.managers.job;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;

/// Small files of a run, and what is said when the disk refuses one.
final class DurableFile {
  private DurableFile() {}

  /// Whole and durable when this returns.
  ///
  /// @throws Refusal DISK_FULL or STORAGE_FAILED; the old content is still there then
  static void write(Path path, byte[] content) {
    try {
      DurableFiles.write(path, content);
    } catch (IOException e) {
      throw failed("write " + path, e);
    }
  }

  static Refusal failed(String what, IOException cause) {
    boolean full = String.valueOf(cause.getMessage()).contains("No space left");
    return new Refusal(
        full ? Reason.DISK_FULL : Reason.STORAGE_FAILED,
        "could not " + what + ": " + cause.getMessage(),
        cause);
  }
}
