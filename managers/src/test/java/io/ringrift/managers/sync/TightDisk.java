package io.ringrift.managers.sync;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/// The real disk, on which only so many more bytes can be written: others fill it meanwhile, so
/// that its room said nothing of it. Safe for any thread.
final class TightDisk implements Space {
  private final AtomicLong left = new AtomicLong(Long.MAX_VALUE);
  private volatile String fault = "No space left on device";

  void leave(long bytes) {
    left.set(bytes);
  }

  /// What a write says that finds no room.
  void breakWith(String message) {
    fault = message;
  }

  @Override
  public Room of(Path folder) {
    return new Room(1_000_000_000, 1_000_000_000);
  }

  @Override
  public FileChannel open(Path file, OpenOption... options) throws IOException {
    return new Tight(FileChannel.open(file, options));
  }

  /// Bytes that may be written of so many.
  private int take(int wanted) throws IOException {
    int taken = (int) Math.min(wanted, left.getAndUpdate(free -> free - Math.min(free, wanted)));
    if (taken == 0 && wanted > 0) {
      throw new IOException(fault);
    }
    return taken;
  }

  private final class Tight extends FileChannel {
    private final FileChannel file;

    Tight(FileChannel file) {
      this.file = file;
    }

    private ByteBuffer fitting(ByteBuffer source) throws IOException {
      return source.slice(source.position(), take(source.remaining()));
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      int written = file.write(fitting(source));
      source.position(source.position() + written);
      return written;
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      int written = file.write(fitting(source), position);
      source.position(source.position() + written);
      return written;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
      throw new UnsupportedOperationException("gathered writes");
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return file.read(target);
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
      return file.read(targets, offset, length);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public long position() throws IOException {
      return file.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      file.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      file.truncate(size);
      return this;
    }

    @Override
    public void force(boolean metaData) throws IOException {
      file.force(metaData);
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
        throws IOException {
      return file.transferTo(position, count, target);
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
      throw new UnsupportedOperationException("transfers into a file");
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
      return file.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
      return file.lock(position, size, shared);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return file.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      file.close();
    }
  }
}
