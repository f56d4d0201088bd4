package io.ringrift.workloads.hex;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Arrays for NumPy, as `numpy.load` reads them: a zip file of `.npy` entries that are not
/// compressed, so that the same arrays are the same bytes on any machine.
final class NpzFile {
  private static final int HEADER_UNIT = 64;
  private static final int PREFIX = 10;
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final ZipOutputStream zip;

  NpzFile(OutputStream out) {
    this.zip = new ZipOutputStream(out);
  }

  /// Writes the rows of an array, in order and each time alike: it is called twice.
  interface Rows {
    void write(DataOutputStream out) throws IOException;
  }

  /// Adds an array.
  ///
  /// @param type as NumPy names it, `|i1` for example; numbers of several bytes are big-endian
  /// @param shape as Python writes it, `(3, 25)` for example
  void put(String name, String type, String shape, Rows rows) throws IOException {
    byte[] header = header(type, shape);
    var crc = new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32());
    long size = write(crc, header, rows);
    var entry = new ZipEntry(name + ".npy");
    entry.setTimeLocal(NO_TIME);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(size);
    entry.setCompressedSize(size);
    entry.setCrc(crc.getChecksum().getValue());
    zip.putNextEntry(entry);
    write(zip, header, rows);
    zip.closeEntry();
  }

  void finish() throws IOException {
    zip.finish();
    zip.flush();
  }

  private static long write(OutputStream out, byte[] header, Rows rows) throws IOException {
    var counted = new Counted(out);
    var data = new DataOutputStream(counted);
    data.write(header);
    rows.write(data);
    data.flush();
    return counted.bytes;
  }

  /// Format version 1.0: magic, version, length, a Python dictionary padded to 64 bytes.
  private static byte[] header(String type, String shape) {
    String text = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }".formatted(type, shape);
    int padding = Math.floorMod(-(PREFIX + text.length() + 1), HEADER_UNIT);
    byte[] padded = (text + " ".repeat(padding) + "\n").getBytes(US_ASCII);
    return ByteBuffer.allocate(PREFIX + padded.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 0x93)
        .put("NUMPY".getBytes(US_ASCII))
        .put(new byte[] {1, 0})
        .putShort((short) padded.length)
        .put(padded)
        .array();
  }

  /// Counts what goes through.
  private static final class Counted extends OutputStream {
    private final OutputStream out;
    private long bytes;

    Counted(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int one) throws IOException {
      out.write(one);
      bytes++;
    }

    @Override
    public void write(byte[] some, int from, int count) throws IOException {
      out.write(some, from, count);
      bytes += count;
    }
  }
}
