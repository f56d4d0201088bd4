package io.ringrift.chaos.sim;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// A state machine small enough to compare after every entry: sixteen keys, to each of which
/// commands append their number (kept as a rolling hash), and the set of numbers applied. A result
/// is the position. One thread.
final class SimMachine implements StateMachine {
  private static final int KEYS = 16;
  private static final long PRIME = 0x9E3779B97F4A7C15L;

  private final long[] keys = new long[KEYS];
  private final BitSet numbers = new BitSet();
  private LogPosition applied = LogPosition.START;
  private long hash;

  @Override
  public List<byte[]> apply(List<LogEntry> entries) {
    var results = new ArrayList<byte[]>(entries.size());
    for (LogEntry entry : entries) {
      apply(entry);
      results.add(
          ByteBuffer.allocate(16)
              .putLong(applied.epoch().value())
              .putLong(applied.index())
              .array());
    }
    return results;
  }

  /// Executes one entry; entries must come without a gap.
  void apply(LogEntry entry) {
    if (entry.index() != applied.index() + 1) {
      throw new IllegalStateException("entry " + entry + " is applied behind " + applied);
    }
    long content = content(entry);
    if (entry.kind() == LogEntry.Kind.COMMAND) {
      int key = (int) (content % KEYS);
      keys[key] = (keys[key] ^ content) * PRIME;
      numbers.set((int) content);
    }
    applied = entry.position();
    hash = (hash ^ content ^ (applied.epoch().value() << 32)) * PRIME + applied.index();
  }

  /// A command's number; for OPEN_EPOCH a negative number by epoch and leader.
  static long content(LogEntry entry) {
    return switch (entry.kind()) {
      case COMMAND -> ByteBuffer.wrap(entry.payload()).getLong();
      case OPEN_EPOCH ->
          -1
              - (entry.position().epoch().value() << 32
                  | (Arrays.hashCode(entry.payload()) & 0xFFFF));
    };
  }

  static byte[] command(long number) {
    return ByteBuffer.allocate(8).putLong(number).array();
  }

  /// Numbers of the commands applied; not to be changed.
  BitSet numbers() {
    return numbers;
  }

  @Override
  public LogPosition applied() {
    return applied;
  }

  byte[] snapshot() {
    long[] words = numbers.toLongArray();
    var bytes = ByteBuffer.allocate(8 * (3 + KEYS + words.length));
    bytes.putLong(applied.epoch().value()).putLong(applied.index()).putLong(hash);
    for (long key : keys) {
      bytes.putLong(key);
    }
    for (long word : words) {
      bytes.putLong(word);
    }
    return bytes.array();
  }

  /// Replaces the state; no bytes are the first state.
  void restore(byte[] snapshot) {
    var bytes = ByteBuffer.wrap(snapshot.length == 0 ? new byte[8 * (3 + KEYS)] : snapshot);
    applied = new LogPosition(new Epoch(bytes.getLong()), bytes.getLong());
    hash = bytes.getLong();
    for (int i = 0; i < KEYS; i++) {
      keys[i] = bytes.getLong();
    }
    numbers.clear();
    numbers.or(BitSet.valueOf(bytes.asLongBuffer()));
  }

  @Override
  public void snapshot(OutputStream out) throws IOException {
    out.write(snapshot());
  }

  @Override
  public void restore(LogPosition position, InputStream in) throws IOException {
    restore(in.readAllBytes());
  }

  @Override
  public String stateHash() {
    return Long.toHexString(hash);
  }

  @Override
  public void dropped(List<LogEntry> entries) {}
}
