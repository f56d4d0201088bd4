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
  private final List<Fault.Link> links = new ArrayList<>();
  private boolean calm;
  private long sent;

  SimNetwork(Sim sim, SplittableRandom random, long lease) {
    this.sim = sim;
    this.random = random;
    this.latest = 3 * lease;
  }

  void begin(Fault.Cut cut) {
    cuts.add(cut);
    sim.sides().quiet().cut(cut, 1, sim.now());
  }

  void end(Fault.Cut cut) {
    if (cuts.remove(cut)) {
      sim.sides().quiet().cut(cut, -1, sim.now());
    }
  }

  void begin(Fault.Weather worse) {
    weather.add(worse);
    sim.sides().quiet().weather(worse, 1, sim.now());
  }

  void end(Fault.Weather worse) {
    if (weather.remove(worse)) {
      sim.sides().quiet().weather(worse, -1, sim.now());
    }
  }

  void begin(Fault.Link link) {
    links.add(link);
    sim.sides().quiet().link(link, 1, sim.now());
  }

  void end(Fault.Link link) {
    if (links.remove(link)) {
      sim.sides().quiet().link(link, -1, sim.now());
    }
  }

  /// From here on nothing is cut, lost, doubled or late; what is on its way stays so.
  void calm() {
    cuts.clear();
    weather.clear();
    links.clear();
    calm = true;
  }

  long sent() {
    return sent;
  }

  void send(int from, int to, Object message) {
    send(from, to, message, random);
  }

  /// @param chance what this kind of message draws its fate from
  void send(int from, int to, Object message, SplittableRandom chance) {
    sent++;
    if (from == to) {
      sim.after(1_000, () -> sim.deliver(from, to, message));
      return;
    }
    if (isCut(from, to)) {
      return;
    }
    int loss = calm ? 0 : 1_000;
    int duplicate = calm ? 0 : 2_000;
    int late = calm ? 0 : 3_000;
    for (Fault.Weather worse : weather) {
      if (isOn(worse.nodes(), from) || isOn(worse.nodes(), to)) {
        loss = Math.max(loss, worse.loss() * 1_000);
        duplicate = Math.max(duplicate, worse.duplicate() * 1_000);
        late = Math.max(late, worse.late() * 1_000);
      }
    }
    long delay = 0;
    long jitter = 0;
    for (Fault.Link link : links) {
      if (isOn(link.senders(), from) && isOn(link.receivers(), to)) {
        loss = Math.max(loss, link.loss() * 1_000);
        duplicate = Math.max(duplicate, link.duplicate() * 1_000);
        if (!isDrawn(link.spared() * 1_000, chance)) {
          delay = Math.max(delay, link.delay());
          jitter = Math.max(jitter, link.jitter());
        }
      }
    }
    int copies = isDrawn(loss, chance) ? 0 : isDrawn(duplicate, chance) ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      long more = jitter == 0 ? delay : delay + chance.nextLong(jitter + 1);
      sim.after(Math.min(latest, delay(late, chance) + more), () -> sim.deliver(from, to, message));
    }
  }

  private boolean isCut(int from, int to) {
    for (Fault.Cut cut : cuts) {
      if (isOn(cut.senders(), from) && isOn(cut.receivers(), to)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOn(int mask, int node) {
    return (mask >> node & 1) == 1;
  }

  private static boolean isDrawn(int ofMillion, SplittableRandom chance) {
    return ofMillion > 0 && chance.nextInt(MILLION) < ofMillion;
  }

  private long delay(int late, SplittableRandom chance) {
    return isDrawn(late, chance)
        ? Chance.magnitude(chance, LEAST + USUAL, latest)
        : LEAST + chance.nextInt(USUAL);
  }
}
