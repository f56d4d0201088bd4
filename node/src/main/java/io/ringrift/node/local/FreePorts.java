package io.ringrift.node.local;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// Ports of loopback that nothing listens on, for TCP and UDP. They lie below the range that Linux
/// takes for outgoing connections: one of these could take a port between its choice and its use.
/// For any thread: none of the last thousand is chosen again in a process, as its user may not have
/// opened it yet. Processes that choose side by side, as the forks of a test run do, are each given
/// a stretch of the range by the property `ringrift.ports.stretch`, from 1.
public final class FreePorts {
  private static final int LOWEST = 20_000;
  private static final int HIGHEST = 32_767;
  private static final int MOST_TRIES = 10_000;

  private static final int STRETCHES = 6;
  private static final int WIDTH = (HIGHEST - LOWEST + 1) / STRETCHES;

  private static final int REMEMBERED = 1_000;
  private static final LinkedHashSet<Integer> GIVEN = new LinkedHashSet<>();

  private FreePorts() {}

  /// The ports from `lowest` up to, and without, `end`.
  record Stretch(int lowest, int end) {
    static final Stretch OWN = of(Integer.getInteger("ringrift.ports.stretch", 0));

    /// @param number from 1; beyond the last they begin again, and 0 is the whole range
    static Stretch of(int number) {
      if (number < 1) {
        return new Stretch(LOWEST, HIGHEST + 1);
      }
      int lowest = LOWEST + (number - 1) % STRETCHES * WIDTH;
      return new Stretch(lowest, lowest + WIDTH);
    }

    int one() {
      return ThreadLocalRandom.current().nextInt(lowest, end);
    }
  }

  /// @throws IllegalStateException when hardly any port is free
  public static synchronized List<Integer> choose(int wanted) {
    Set<Integer> chosen = new HashSet<>();
    for (int i = 0; i < MOST_TRIES && chosen.size() < wanted; i++) {
      int port = Stretch.OWN.one();
      if (isFree(port) && GIVEN.add(port)) {
        chosen.add(port);
      }
      if (GIVEN.size() > REMEMBERED) {
        GIVEN.removeFirst();
      }
    }
    if (chosen.size() < wanted) {
      throw new IllegalStateException(
          "no %d free ports of loopback from %d to %d"
              .formatted(wanted, Stretch.OWN.lowest(), Stretch.OWN.end() - 1));
    }
    return List.copyOf(chosen);
  }

  /// One such port.
  public static int one() {
    return choose(1).getFirst();
  }

  private static boolean isFree(int port) {
    var loopback = InetAddress.getLoopbackAddress();
    try (var tcp = new ServerSocket(port, 1, loopback);
        var udp = new DatagramSocket(port, loopback)) {
      return tcp.isBound() && udp.isBound();
    } catch (IOException taken) {
      return false;
    }
  }
}
