package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import io.ringrift.kernel.Pure;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Hash of a set of entities, kept up to date in constant time: the sum modulo 2^128 of the first
/// 128 bits of SHA-256 over (family, length of key, key, value) of each entity. The sum does not
/// depend on the order of changes, so replicas that came by different ways to the same entities
/// agree (Bellare and Micciancio, "A new paradigm for collision-free hashing", AdHash). It finds
/// replicas that drifted apart by a fault; it is no defence against a forger.
@Pure
final class StateHash {
  private static final HexFormat HEX = HexFormat.of();

  private long high;
  private long low;

  void add(Family family, ByteString key, byte[] value) {
    ByteBuffer digest = digest(family, key, value);
    long addHigh = digest.getLong();
    long addLow = digest.getLong();
    long sum = low + addLow;
    high += addHigh + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
    low = sum;
  }

  void subtract(Family family, ByteString key, byte[] value) {
    ByteBuffer digest = digest(family, key, value);
    long subHigh = digest.getLong();
    long subLow = digest.getLong();
    high -= subHigh + (Long.compareUnsigned(low, subLow) < 0 ? 1 : 0);
    low -= subLow;
  }

  /// Lower-case hexadecimal, 32 digits.
  String hex() {
    return HEX.toHexDigits(high) + HEX.toHexDigits(low);
  }

  private static ByteBuffer digest(Family family, ByteString key, byte[] value) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      sha.update(family.store().getBytes(StandardCharsets.US_ASCII));
      sha.update(ByteBuffer.allocate(5).put((byte) 0).putInt(key.size()).flip());
      sha.update(key.asReadOnlyByteBuffer());
      sha.update(value);
      return ByteBuffer.wrap(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
