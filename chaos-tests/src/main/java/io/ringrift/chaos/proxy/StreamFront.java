package io.ringrift.chaos.proxy;

import io.ringrift.chaos.link.Link;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One TCP port that others dial instead of a node's own.
final class StreamFront implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamFront.class);

  /// Far above what nodes open; connections above are refused.
  private static final int MOST = 1024;

  private static final int BACKLOG = 128;

  /// @param link from who dialled to this node
  private record Connection(Link link, Socket outer, Socket inner) {
    void reset() {
      abort(outer);
      abort(inner);
    }

    private static void abort(Socket socket) {
      try {
        socket.setSoLinger(true, 0);
      } catch (IOException alreadyClosed) {
        LOG.debug("closing a closed connection");
      }
      close(socket);
    }
  }

  private final String node;
  private final int target;
  private final Rules rules;
  private final SocketOwners owners;
  private final Ticker ticker;
  private final SplittableRandom random;
  private final ServerSocket server;
  private final Copies copies;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

  /// @param target the node's own port
  StreamFront(String node, int port, int target, Rules rules, SocketOwners owners, long seed)
      throws IOException {
    this.node = node;
    this.target = target;
    this.rules = rules;
    this.owners = owners;
    this.ticker = Ticker.system();
    this.random = new SplittableRandom(seed);
    this.copies = new Copies(target, rules, Copies.LIMIT);
    this.server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
    Thread.ofVirtual().name("front-" + node + "-" + port).start(this::accept);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket outer = server.accept();
        var own = random.split();
        Thread.ofVirtual().start(() -> serve(outer, own));
      } catch (IOException closed) {
        LOG.debug("the front of {} ended: {}", node, closed.toString());
      }
    }
  }

  private void serve(Socket outer, SplittableRandom own) {
    var inner = new Socket();
    String from;
    try {
      // Other programs, clients among them, are never held up.
      from = owners.of(outer.getPort(), outer.getLocalPort()).orElse("");
      outer.setTcpNoDelay(true);
      inner.setTcpNoDelay(true);
    } catch (IOException unusable) {
      close(outer);
      return;
    }
    var connection = new Connection(new Link(from, node), outer, inner);
    connections.add(connection);
    try {
      boolean resets = rules.of(connection.link()).reset();
      if (resets) {
        rules.strike(connection.link());
      }
      if (resets || connections.size() > MOST) {
        connection.reset();
        return;
      }
      pass(connection, own);
    } catch (IOException ended) {
      connection.reset();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      connection.reset();
    } finally {
      connections.remove(connection);
      close(outer);
      close(inner);
    }
  }

  /// The node is dialled when both directions are open: no handshake passes a link that is cut in
  /// one.
  private void pass(Connection connection, SplittableRandom own)
      throws IOException, InterruptedException {
    Link link = connection.link();
    var requests = new RequestPassage(link, rules, ticker, own.split(), copies);
    var there = new StreamPump(link, rules, ticker, own.split(), Optional.of(requests));
    var back = new StreamPump(link.back(), rules, ticker, own.split(), Optional.empty());
    Thread.ofVirtual().start(() -> read(there, connection.outer()));
    if (!rules.awaitOpen(link, link.back())) {
      connection.reset();
      return;
    }
    connection
        .inner()
        .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 2000);
    Thread.ofVirtual().start(() -> read(back, connection.inner()));
    Thread returning =
        Thread.ofVirtual()
            .start(() -> write(back, connection, connection.inner(), connection.outer()));
    write(there, connection, connection.outer(), connection.inner());
    returning.join();
  }

  private static void read(StreamPump pump, Socket from) {
    try {
      pump.read(from.getInputStream());
    } catch (IOException closed) {
      LOG.debug("a connection ended before it was read: {}", closed.toString());
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(StreamPump pump, Connection connection, Socket from, Socket to) {
    try {
      if (pump.write(to.getOutputStream())) {
        to.shutdownOutput();
      } else {
        connection.reset();
      }
    } catch (IOException ended) {
      // Who does not take what is sent learns nothing more from this side either.
      close(from);
      close(to);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      connection.reset();
    }
  }

  /// Ends connections whose direction is reset now, there or back.
  void enforce() {
    for (Connection connection : connections) {
      Link link = connection.link();
      for (Link each : List.of(link, link.back())) {
        if (rules.of(each).reset()) {
          rules.strike(each);
          connection.reset();
        }
      }
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException unusable) {
      LOG.debug("closing a connection: {}", unusable.toString());
    }
  }

  @Override
  public void close() throws IOException {
    copies.close();
    server.close();
    connections.forEach(Connection::reset);
  }
}
