package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.Door;
import io.ringrift.chaos.run.Oversized.Told;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// Datagrams that are too long. Nobody answers one: the node's own count of those that it refused
/// shows what became of them.
final class SwimDatagram {
  private static final int BYTES = 60_000;
  private static final int COUNT = 3;
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final String FIGURE = "ringrift_swim_refused_total{";
  private static final String OF_DATAGRAMS = "what=\"datagram\"";

  private SwimDatagram() {}

  static Told refusal(Map<Door, Endpoint> doors) throws IOException {
    Ticker ticker = Ticker.system();
    Endpoint web = Oversized.at(doors, Door.WEB);
    double before = refused(web);
    send(Oversized.at(doors, Door.SWIM));
    Moment end = ticker.now().plus(LIMIT);
    double after = refused(web);
    while (after < before + COUNT && ticker.now().isBefore(end)) {
      LockSupport.parkNanos(PAUSE.toNanos());
      after = refused(web);
    }
    return after < before + COUNT
        ? Told.unseen("the node counted %.0f of %d as refused".formatted(after - before, COUNT))
        : Told.refused("as the node counted all " + COUNT);
  }

  private static void send(Endpoint to) throws IOException {
    try (var socket = new DatagramSocket()) {
      var bytes = new byte[BYTES];
      for (int i = 0; i < COUNT; i++) {
        socket.send(new DatagramPacket(bytes, BYTES, InetAddress.getByName(to.host()), to.port()));
      }
    }
  }

  private static double refused(Endpoint web) throws IOException {
    var request =
        HttpRequest.newBuilder(URI.create("http://" + web + "/metrics")).timeout(LIMIT).build();
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(request, HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(FIGURE) && line.contains(OF_DATAGRAMS))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
