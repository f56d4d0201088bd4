package io.ringrift.chaos.ground;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.chaos.proxy.LinkProxies;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Node processes on loopback. All nodes have one configuration, whose addresses are the proxies'
/// fronts; each listens on ports of its own behind them.
public final class ProcessGround extends NodesGround {
  private static final String LOOPBACK = "127.0.0.1";

  /// @param port front or own port of a node, for all that is asked of it
  private record Ports(int port, int raft, int swim) {}

  private final LinkProxies proxies;
  private final Map<String, Ports> fronts = new LinkedHashMap<>();
  private final Map<String, Ports> own = new LinkedHashMap<>();

  private ProcessGround(ClusterPlan plan) {
    super(plan);
    this.proxies = new LinkProxies(processes::pids, plan.seed());
  }

  /// Nothing is started yet but the proxies.
  ///
  /// @throws Refusal INVALID_ARGUMENT when this machine does not allow it
  public static ProcessGround open(ClusterPlan plan) throws IOException {
    LinkProxies.obstacle()
        .ifPresent(
            why -> {
              throw new Refusal(Reason.INVALID_ARGUMENT, "ground process cannot run here: " + why);
            });
    var ground = new ProcessGround(plan);
    try {
      ground.prepare();
      return ground;
    } catch (IOException | RuntimeException e) {
      ground.close();
      throw e;
    }
  }

  private void prepare() throws IOException {
    processes.prepare();
    var names = new ArrayList<>(plan.voterNames());
    names.addAll(plan.workerNames());
    Iterator<Integer> free = FreePorts.choose(6 * names.size()).iterator();
    for (String node : names) {
      fronts.put(node, new Ports(free.next(), free.next(), free.next()));
      own.put(node, new Ports(free.next(), free.next(), free.next()));
    }
    Files.writeString(plan.folder().resolve("cluster.yaml"), config());
    Map<Integer, String> senders = new HashMap<>();
    own.forEach((node, ports) -> senders.put(ports.swim(), node));
    for (String node : names) {
      Ports front = ports(fronts, node);
      Ports behind = ports(own, node);
      proxies.stream(node, front.port(), behind.port());
      proxies.stream(node, front.raft(), behind.raft());
      proxies.stream(node, front.swim(), behind.swim());
      proxies.datagrams(node, front.swim(), behind.swim(), senders);
    }
  }

  private String config() {
    var yaml = new StringBuilder(plan.settings()).append("voters:\n");
    for (String node : plan.voterNames()) {
      Ports front = ports(fronts, node);
      yaml.append(
          "  - {id: %s, host: %s, port: %d, raft_port: %d, swim_port: %d}%n"
              .formatted(node, LOOPBACK, front.port(), front.raft(), front.swim()));
    }
    return yaml.toString();
  }

  private static Ports ports(Map<String, Ports> of, String node) {
    return Objects.requireNonNull(of.get(node), node);
  }

  /// Behind the proxies; the leader that a refusal names is dialled at its front, which lets all
  /// but nodes through.
  @Override
  Endpoint door(String node, Door door) {
    Ports behind = ports(own, node);
    return new Endpoint(
        LOOPBACK,
        switch (door) {
          case WEB -> behind.port();
          case RAFT -> behind.raft();
          case SWIM -> behind.swim();
        });
  }

  @Override
  public void start(String node, List<String> more) throws IOException {
    Ports behind = ports(own, node);
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("--port", Integer.toString(behind.port())));
    arguments.addAll(List.of("--raft-bind-port", Integer.toString(behind.raft())));
    arguments.addAll(List.of("--swim-bind-port", Integer.toString(behind.swim())));
    if (plan.workerNames().contains(node)) {
      arguments.add("--outbound-only");
    }
    arguments.addAll(more);
    processes.start(node, List.of(), arguments);
  }

  @Override
  public void links(Map<Link, LinkRule> rules) {
    proxies.set(rules);
  }

  @Override
  public long struck(Collection<Link> links) {
    return proxies.struck(links);
  }

  @Override
  public List<String> end() throws InterruptedException {
    var left = super.end();
    proxies.close();
    return left;
  }

  @Override
  public void close() {
    try {
      super.close();
    } finally {
      proxies.close();
    }
  }
}
