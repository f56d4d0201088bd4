package io.ringrift.kernel.store;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.nio.file.Path;
import java.util.Locale;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/// RocksDB's errors as refusals.
final class RocksFailures {
  private RocksFailures() {}

  static Refusal atOpen(Path folder, RocksDBException e) {
    String text = text(e);
    if (text.contains("lock file") || text.contains("lock hold by")) {
      return new Refusal(
          Reason.STATE_IN_USE,
          "the store in " + folder + " is open in another process: " + e.getMessage(),
          e);
    }
    if (code(e) == Status.Code.Corruption || text.contains("no such file")) {
      return Disk.corrupt(folder, "RocksDB store that cannot be opened", text(e), e);
    }
    return failed("opening " + folder, e);
  }

  static Refusal atRead(Path folder, RocksDBException e) {
    if (code(e) == Status.Code.Corruption) {
      return Disk.corrupt(folder, "RocksDB store with unreadable data", text(e), e);
    }
    return failed("reading " + folder, e);
  }

  static Refusal atWrite(Path folder, RocksDBException e) {
    if (code(e) == Status.Code.Corruption) {
      return Disk.corrupt(folder, "RocksDB store that refuses writes", text(e), e);
    }
    return failed("writing to " + folder, e);
  }

  private static Refusal failed(String what, RocksDBException e) {
    var status = e.getStatus();
    boolean full =
        (status != null && status.getSubCode() == Status.SubCode.NoSpace)
            || text(e).contains("no space left");
    return full ? Disk.full(what, e) : Disk.failed(what, e);
  }

  private static Status.Code code(RocksDBException e) {
    var status = e.getStatus();
    return status == null ? Status.Code.Undefined : status.getCode();
  }

  private static String text(RocksDBException e) {
    return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
  }
}
