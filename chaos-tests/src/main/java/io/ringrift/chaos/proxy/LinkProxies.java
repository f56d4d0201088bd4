package io.ringrift.chaos.proxy;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All links between node processes on this machine. Nodes are configured with the fronts as each
/// other's addresses and listen on ports of their own. Any thread.
public final class LinkProxies implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LinkProxies.class);

  private final Rules rules = new Rules();
  private final SocketOwners owners;
  private final SplittableRandom random;
  private final List<StreamFront> streams = new ArrayList<>();
  private final List<DatagramFront> datagrams = new ArrayList<>();

  /// @param processes name of the node by process id, as it is now
  public LinkProxies(Supplier<Map<Long, String>> processes, long seed) {
    this.owners = new SocketOwners(processes);
    this.random = new SplittableRandom(seed);
  }

  /// Why this machine does not allow it; empty when it does.
  public static Optional<String> obstacle() {
    return SocketOwners.obstacle();
  }

  /// Connections to the front go to the node's own port.
  public void stream(String node, int front, int own) throws IOException {
    streams.add(new StreamFront(node, front, own, rules, owners, random.nextLong()));
  }

  /// Datagrams to the front go to the node's own port.
  ///
  /// @param senders name of the node by the port that it sends from
  public void datagrams(String node, int front, int own, Map<Integer, String> senders)
      throws IOException {
    datagrams.add(new DatagramFront(node, front, own, rules, senders, random.nextLong()));
  }

  /// Replaces all rules at once; links that are left out are clear.
  public void set(Map<Link, LinkRule> all) {
    rules.set(all);
    streams.forEach(StreamFront::enforce);
  }

  /// How often a rule of one of these held back, lost, doubled, exchanged or ended something since
  /// the beginning.
  public long struck(Collection<Link> links) {
    return links.stream().mapToLong(rules::struck).sum();
  }

  @Override
  public void close() {
    rules.close();
    for (StreamFront front : streams) {
      try {
        front.close();
      } catch (IOException e) {
        LOG.debug("a front was closed already: {}", e.toString());
      }
    }
    datagrams.forEach(DatagramFront::close);
  }
}
