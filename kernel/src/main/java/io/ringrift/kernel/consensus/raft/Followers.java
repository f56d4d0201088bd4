package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.util.Timestamp;
import org.jspecify.annotations.Nullable;

/// What this node knows as a Raft leader about those who follow it. Ratis writes, the driver reads.
final class Followers {
  /// One follower of one term, over one connection: what another answered counts for nothing.
  static final class Seen {
    private static final int MOST_OUT = 64;

    private final FollowerInfo info;

    /// When appends were made that are not answered yet, by their call; the newest of them.
    private final ConcurrentSkipListMap<Long, Timestamp> out = new ConcurrentSkipListMap<>();

    /// When the last append was sent that this follower took; null before the first.
    private final AtomicReference<@Nullable Timestamp> answered = new AtomicReference<>();

    private Seen(FollowerInfo info) {
      this.info = info;
    }

    /// An append is made and goes out next.
    void sends(long call) {
      out.put(call, Timestamp.currentTime());
      while (out.size() > MOST_OUT) {
        out.pollFirstEntry();
      }
    }

    /// The follower answered that append. Ratis' own time stamp moves on a rejection just as well,
    /// and is one for both of its streams, so that a rejection would lend its time to an older
    /// append that was taken.
    void answers(long call, boolean took) {
      Timestamp sent = out.remove(call);
      if (took && sent != null) {
        answered.accumulateAndGet(sent, (a, b) -> a == null || isLater(b, a) ? b : a);
      }
    }

    private static boolean isLater(@Nullable Timestamp b, Timestamp a) {
      return b != null && b.compareTo(a) > 0;
    }
  }

  private final Map<NodeId, Seen> seen = new ConcurrentHashMap<>();

  /// A new term, or a new connection.
  Seen begins(FollowerInfo info) {
    var follower = new Seen(info);
    seen.put(new NodeId(info.getId().toString()), follower);
    return follower;
  }

  /// Moment since which a majority of the voters has followed this leader, counted from the sends.
  ///
  /// @param others the voters but this one
  Moment followedSince(Moment now, Collection<NodeId> others) {
    List<Moment> sends =
        others.stream().map(id -> sent(now, id)).sorted(Comparator.reverseOrder()).toList();
    int needed = (others.size() + 1) / 2;
    return needed == 0 ? now : sends.get(needed - 1);
  }

  private Moment sent(Moment now, NodeId id) {
    Seen follower = seen.get(id);
    Timestamp answered = follower == null ? null : follower.answered.get();
    if (answered == null) {
      return Moment.MIN;
    }
    long nanos = answered.elapsedTime().toLong(TimeUnit.NANOSECONDS);
    return now.minus(Duration.ofNanos(nanos));
  }

  /// The followers heard of within that time; first the one that holds most of the log.
  List<NodeId> ranked(Collection<NodeId> others, Moment now, Duration within) {
    var worstFirst =
        Comparator.<NodeId>comparingLong(this::match).thenComparing(Comparator.naturalOrder());
    return others.stream()
        .filter(id -> now.since(sent(now, id)).compareTo(within) < 0)
        .sorted(worstFirst.reversed())
        .toList();
  }

  /// Last index that a majority of the voters holds, as this node knows.
  ///
  /// @param others the voters but this one
  /// @param own last index that this one holds
  long held(Collection<NodeId> others, long own) {
    var ends = Stream.concat(Stream.of(own), others.stream().map(this::match));
    return ends.sorted(Comparator.reverseOrder()).toList().get((others.size() + 1) / 2);
  }

  /// Last index that the follower is known to hold; -1 when nothing is known.
  long match(NodeId id) {
    Seen follower = seen.get(id);
    return follower == null ? -1 : follower.info.getMatchIndex();
  }
}
