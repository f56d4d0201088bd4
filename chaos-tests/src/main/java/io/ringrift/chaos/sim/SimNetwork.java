package io.ringrift.chaos.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// The links between the nodes: each message takes its own time, so messages overtake each other;
/// some are lost, some arrive twice, some later than every timeout; cuts lose what crosses them
/// when it is sent. A message once on its way arrives, even at the next life of the receiver. One
/// thread.
final class SimNetwork {
  private static final int MILLION = 1_000_000;
  private static final long LEAST = 200_000;
  private static final int USUAL = 4_800_000;

  private final Sim sim;
  private final SplittableRandom random;
  private final long latest;
  private final List<Fault.Cut> cuts = new ArrayList<>();
  private final List<Fault.Weather> weather = new ArrayList<>();
  private boolean calm;
  private long sent;

  SimNetwork(Sim sim, SplittableRandom random, long lease) {
    this.sim = sim;
    this.random = random;
    this.latest = 3 * lease;
  }

  void begin(Fault.Cut cut) {
    cuts.add(cut);
  }

  void end(Fault.Cut cut) {
    cuts.remove(cut);
  }

  void begin(Fault.Weather worse) {
    weather.add(worse);
  }

  void end(Fault.Weather worse) {
    weather.remove(worse);
  }

  /// From here on nothing is cut, lost, doubled or late; what is on its way stays so.
  void calm() {
    cuts.clear();
    weather.clear();
    calm = true;
  }

  long sent() {
    return sent;
  }

  void send(int from, int to, Object message) {
    sent++;
    if (from == to) {
      sim.after(1_000, () -> sim.node(to).deliver(from, message));
      return;
    }
    if (isCut(from, to)) {
      return;
    }
    int loss = calm ? 0 : 1_000;
    int duplicate = calm ? 0 : 2_000;
    int late = calm ? 0 : 3_000;
    for (Fault.Weather worse : weather) {
      if ((worse.nodes() >> from & 1) == 1 || (worse.nodes() >> to & 1) == 1) {
        loss = Math.max(loss, worse.loss() * 1_000);
        duplicate = Math.max(duplicate, worse.duplicate() * 1_000);
        late = Math.max(late, worse.late() * 1_000);
      }
    }
    int copies = chance(loss) ? 0 : chance(duplicate) ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      sim.after(delay(late), () -> sim.node(to).deliver(from, message));
    }
  }

  private boolean isCut(int from, int to) {
    for (Fault.Cut cut : cuts) {
      if ((cut.senders() >> from & 1) == 1 && (cut.receivers() >> to & 1) == 1) {
        return true;
      }
    }
    return false;
  }

  private boolean chance(int ofMillion) {
    return ofMillion > 0 && random.nextInt(MILLION) < ofMillion;
  }

  private long delay(int late) {
    return chance(late)
        ? Chance.magnitude(random, LEAST + USUAL, latest)
        : LEAST + random.nextInt(USUAL);
  }
}
