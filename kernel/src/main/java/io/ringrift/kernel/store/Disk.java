package io.ringrift.kernel.store;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/// What every store says about a disk that fails.
final class Disk {
  private Disk() {}

  /// The refusal for a failed file operation: DISK_FULL or STORAGE_FAILED.
  static Refusal refusal(String what, IOException e) {
    String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return text.contains("no space left") || text.contains("quota exceeded")
        ? full(what, e)
        : failed(what, e);
  }

  static Refusal full(String what, Exception e) {
    return new Refusal(
        Reason.DISK_FULL,
        what
            + " failed because the disk is full ("
            + e.getMessage()
            + "); free some space: the node tries again by itself",
        e);
  }

  static Refusal failed(String what, Exception e) {
    return new Refusal(
        Reason.STORAGE_FAILED,
        what + " failed (" + e.getMessage() + "); look at the disk and the system log",
        e);
  }

  /// @param kind what is wrong: "truncated file", "wrong checksum"
  static Refusal corrupt(Path file, String kind, String detail) {
    return new Refusal(Reason.STORAGE_CORRUPT, file + " is corrupt: " + kind + " (" + detail + ")")
        .with("file", file.toString())
        .with("kind", kind);
  }

  static Refusal corrupt(Path file, String kind, String detail, Exception cause) {
    return new Refusal(
            Reason.STORAGE_CORRUPT, file + " is corrupt: " + kind + " (" + detail + ")", cause)
        .with("file", file.toString())
        .with("kind", kind);
  }
}
