package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The streams that an outbound-only node keeps to all voters, as `Attachment` keeps them: opened
/// again with a growing pause, given up when silent. One thread.
final class SimStreams {
  private static final class Stream {
    boolean dialled;
    boolean open;
    boolean heard;
    Moment lastHeard = Moment.MIN;
    Moment nextDial = Moment.MIN;
    Duration pause;

    Stream(Duration pause) {
      this.pause = pause;
    }
  }

  private final Map<NodeId, Stream> streams = new TreeMap<>();
  private final Duration retry;
  private final Duration silence;

  SimStreams(Collection<NodeId> voters, Timing timing) {
    this.retry = timing.heartbeat();
    this.silence = timing.deadAfter();
    voters.forEach(voter -> streams.put(voter, new Stream(retry)));
  }

  /// Opens what is closed and closes what is silent.
  void keep(Moment now, Consumer<NodeId> dial) {
    streams.forEach((voter, stream) -> keep(now, voter, stream, dial));
  }

  private void keep(Moment now, NodeId voter, Stream stream, Consumer<NodeId> dial) {
    if (stream.heard) {
      stream.heard = false;
      stream.lastHeard = now;
      if (stream.open) {
        stream.pause = retry;
      }
    } else if (stream.dialled && now.since(stream.lastHeard).compareTo(silence) > 0) {
      stream.dialled = false;
      stream.open = false;
    } else if (!stream.dialled && !now.isBefore(stream.nextDial)) {
      stream.nextDial = now.plus(stream.pause);
      Duration longer = stream.pause.multipliedBy(2);
      stream.pause = longer.compareTo(silence) < 0 ? longer : silence;
      stream.dialled = true;
      stream.lastHeard = now;
      dial.accept(voter);
    }
  }

  void heard(NodeId voter, boolean welcome) {
    Stream stream = streams.get(voter);
    if (stream != null && stream.dialled) {
      stream.heard = true;
      stream.open |= welcome;
    }
  }

  boolean isOpen(NodeId voter) {
    Stream stream = streams.get(voter);
    return stream != null && stream.open;
  }
}
