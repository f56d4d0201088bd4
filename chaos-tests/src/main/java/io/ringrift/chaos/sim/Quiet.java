package io.ringrift.chaos.sim;

/// Since when two nodes have been undisturbed: up, awake, nothing cut and no bad link or weather
/// between them. One thread.
final class Quiet {
  private final int[][] disturbances;
  private final long[][] since;
  private final long[] awakeSince;

  Quiet(int members) {
    disturbances = new int[members][members];
    since = new long[members][members];
    awakeSince = new long[members];
  }

  void cut(Fault.Cut cut, int change, long now) {
    for (int from = 0; from < since.length; from++) {
      if ((cut.senders() >> from & 1) == 1) {
        for (int to = 0; to < since.length; to++) {
          if ((cut.receivers() >> to & 1) == 1) {
            disturb(from, to, change, now);
            disturb(to, from, change, now);
          }
        }
      }
    }
  }

  void link(Fault.Link link, int change, long now) {
    cut(new Fault.Cut(link.from(), link.until(), link.senders(), link.receivers()), change, now);
  }

  void weather(Fault.Weather weather, int change, long now) {
    for (int node = 0; node < since.length; node++) {
      if ((weather.nodes() >> node & 1) == 1) {
        for (int other = 0; other < since.length; other++) {
          disturb(node, other, change, now);
          disturb(other, node, change, now);
        }
      }
    }
  }

  private void disturb(int a, int b, int change, long now) {
    disturbances[a][b] += change;
    since[a][b] = now;
  }

  void calm(long now) {
    for (int a = 0; a < since.length; a++) {
      for (int b = 0; b < since.length; b++) {
        if (disturbances[a][b] > 0) {
          disturbances[a][b] = 0;
          since[a][b] = now;
        }
      }
    }
  }

  /// `Long.MAX_VALUE` while it is down or stands still.
  void awake(int node, long when) {
    awakeSince[node] = when;
  }

  long awakeSince(int node) {
    return awakeSince[node];
  }

  /// True instant; `Long.MAX_VALUE` while it is not so.
  long since(int a, int b) {
    if (disturbances[a][b] > 0) {
      return Long.MAX_VALUE;
    }
    return Math.max(since[a][b], Math.max(awakeSince[a], awakeSince[b]));
  }
}
