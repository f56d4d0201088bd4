package io.ringrift.managers.sync;

import com.google.protobuf.Timestamp;
import io.ringrift.kernel.Pure;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.Manifest;
import java.time.Duration;
import java.time.Instant;

/// Times of another node's files by this node's clock. A node's clock may be minutes off; the age
/// of a file by the clock that wrote both the file and the manifest is right all the same, unless
/// that clock was set in between. Without this, which games are the newest would depend on whose
/// clock is ahead.
@Pure
final class TheirClock {
  /// A manifest tells its time in whole seconds.
  private static final Duration GRAIN = Duration.ofSeconds(1);

  private static final long LATEST_SECOND = Instant.parse("3000-01-01T00:00:00Z").getEpochSecond();

  private TheirClock() {}

  /// The manifest with times by our clock; itself where the clocks may agree. The scan and the way
  /// here take their time, so all that is known is that it was made between the question and its
  /// arrival: the times are shifted no farther than into there.
  ///
  /// @param asked when the node was asked, by our clock
  /// @param heard when the manifest had come, by our clock
  static Manifest byOurs(Manifest manifest, Instant asked, Instant heard) {
    if (!manifest.hasCollectTime()) {
      return manifest;
    }
    Instant told = instant(manifest.getCollectTime());
    Instant earliest = asked.minus(GRAIN);
    if (!told.isBefore(earliest) && !told.isAfter(heard)) {
      return manifest;
    }
    Instant made = told.isAfter(heard) ? heard : earliest;
    var shift = Duration.between(told, made);
    var shifted = manifest.toBuilder().setCollectTime(timestamp(made));
    for (FileEntry.Builder entry : shifted.getFilesBuilderList()) {
      Instant ours = instant(entry.getModifiedTime()).plus(shift);
      entry.setModifiedTime(timestamp(ours.isAfter(heard) ? heard : ours));
    }
    return shifted.build();
  }

  /// Whatever a node tells is a time of a day between 1970 and 3000.
  static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(Math.clamp(time.getSeconds(), 0, LATEST_SECOND));
  }

  private static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
