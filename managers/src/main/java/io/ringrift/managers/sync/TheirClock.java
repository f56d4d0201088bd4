package io.ringrift.managers.sync;

import com.google.protobuf.Timestamp;
import io.ringrift.kernel.Pure;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.Manifest;
import java.time.Duration;
import java.time.Instant;

/// Times of another node's files by this node's clock. A node's clock may be minutes off; the age
/// of a file by the clock that wrote both the file and the manifest is right all the same. Without
/// this, which games are the newest would depend on whose clock is ahead.
@Pure
final class TheirClock {
  /// Whole seconds in a manifest and its way here make as much.
  private static final Duration NONE = Duration.ofSeconds(2);

  private static final long LATEST_SECOND = Instant.parse("3000-01-01T00:00:00Z").getEpochSecond();

  private TheirClock() {}

  /// The manifest with times by our clock; itself where the clocks agree.
  ///
  /// @param heard when the manifest came, by our clock
  static Manifest byOurs(Manifest manifest, Instant heard) {
    if (!manifest.hasCollectTime()) {
      return manifest;
    }
    var shift = Duration.between(instant(manifest.getCollectTime()), heard);
    if (shift.abs().compareTo(NONE) <= 0) {
      return manifest;
    }
    var shifted = manifest.toBuilder().setCollectTime(timestamp(heard));
    for (FileEntry.Builder entry : shifted.getFilesBuilderList()) {
      Instant ours = instant(entry.getModifiedTime()).plus(shift);
      entry.setModifiedTime(timestamp(ours.isAfter(heard) ? heard : ours));
    }
    return shifted.build();
  }

  /// Whatever a node tells is a time of a day between 1970 and 3000.
  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(Math.clamp(time.getSeconds(), 0, LATEST_SECOND));
  }

  private static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
