package io.ringrift.kernel.store;

import io.ringrift.kernel.Audit;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Ticker;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The audit stream as a file of JSON lines, `<name>`, with older files `<name>.1` (newest) and on.
/// A record is handed to the operating system before `record` returns, and forced to disk for the
/// kinds named. A disk that takes no record is logged once and counted: an audit that stops the
/// node would turn a full disk into an outage.
public final class FileAudit implements Audit, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileAudit.class);
  private static final long MAX_BYTES = 16L << 20;
  private static final int KEEP = 4;

  private final ReentrantLock lock = new ReentrantLock();
  private final Path file;
  private final String prefix;
  private final Ticker ticker;
  private final Set<String> forced;
  private final long maxBytes;

  /// No channel: one would be closed for good by the interrupt of a thread that records.
  private FileOutputStream out;

  private long bytes;
  private long sequence;
  private long lost;

  /// @param forced kinds that are forced to disk before `record` returns
  public FileAudit(Path file, NodeId node, BootId boot, Ticker ticker, Set<String> forced) {
    this(file, node, boot, ticker, forced, MAX_BYTES);
  }

  FileAudit(Path file, NodeId node, BootId boot, Ticker ticker, Set<String> forced, long maxBytes) {
    this.file = file;
    this.prefix = "{\"node\":\"" + node + "\",\"boot\":\"" + boot + "\",\"seq\":";
    this.ticker = ticker;
    this.forced = Set.copyOf(forced);
    this.maxBytes = maxBytes;
    try {
      Files.createDirectories(DurableFiles.folderOf(file));
      this.out = append();
    } catch (IOException e) {
      throw Disk.refusal("opening " + file, e);
    }
  }

  @Override
  public void record(String kind, Epoch epoch, Map<String, String> details) {
    lock.lock();
    try {
      if (bytes >= maxBytes) {
        rotate();
      }
      byte[] line = line(kind, epoch, details).getBytes(StandardCharsets.UTF_8);
      out.write(line);
      bytes += line.length;
      if (forced.contains(kind)) {
        out.getFD().sync();
      }
    } catch (IOException e) {
      if (lost++ == 0) {
        LOG.error("{} takes no audit records: {}", file, e.toString());
      }
    } finally {
      lock.unlock();
    }
  }

  /// Records that the disk did not take.
  public long lost() {
    lock.lock();
    try {
      return lost;
    } finally {
      lock.unlock();
    }
  }

  private String line(String kind, Epoch epoch, Map<String, String> details) {
    var line = new StringBuilder(160).append(prefix).append(++sequence);
    line.append(",\"mono_ns\":").append(ticker.now().nanos()).append(",\"kind\":");
    quote(line, kind);
    line.append(",\"epoch\":").append(epoch.value()).append(",\"details\":{");
    String comma = "";
    for (var detail : details.entrySet()) {
      line.append(comma);
      quote(line, detail.getKey());
      line.append(':');
      quote(line, detail.getValue());
      comma = ",";
    }
    return line.append("}}\n").toString();
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private void rotate() throws IOException {
    out.close();
    for (int n = KEEP; n > 1; n--) {
      if (Files.exists(older(n - 1))) {
        Files.move(older(n - 1), older(n), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(file, older(1), StandardCopyOption.REPLACE_EXISTING);
    out = append();
  }

  private Path older(int n) {
    return file.resolveSibling(file.getFileName() + "." + n);
  }

  private FileOutputStream append() throws IOException {
    var opened = new FileOutputStream(file.toFile(), true);
    bytes = Files.size(file);
    return opened;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      out.close();
    } catch (IOException e) {
      throw Disk.refusal("closing " + file, e);
    } finally {
      lock.unlock();
    }
  }
}
