package io.ringrift.kernel;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// Ports of loopback that nothing listens on, for TCP and UDP. They lie below the range that Linux
/// takes for outgoing connections: one of these could take a port between its choice and its use.
/// Each fork of a test run chooses from a stretch of its own, because another could take a port
/// that is not opened yet, or is closed while its voter is down.
public final class FreePorts {
  private static final int LOWEST = 20_000;
  private static final int HIGHEST = 32_767;
  private static final int MOST_TRIES = 10_000;

  private static final int STRETCHES = 6;
  private static final int WIDTH = (HIGHEST - LOWEST + 1) / STRETCHES;
  private static final int FORK = Integer.getInteger("ringrift.ports.stretch", 1);
  private static final int FIRST = LOWEST + (FORK - 1) % STRETCHES * WIDTH;

  private FreePorts() {}

  /// @throws IllegalStateException when hardly any port is free
  public static List<Integer> choose(int wanted) {
    Set<Integer> chosen = new HashSet<>();
    for (int i = 0; i < MOST_TRIES && chosen.size() < wanted; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, FIRST + WIDTH);
      if (isFree(port)) {
        chosen.add(port);
      }
    }
    if (chosen.size() < wanted) {
      throw new IllegalStateException("no " + wanted + " free ports of loopback from " + FIRST);
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
