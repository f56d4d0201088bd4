package io.ringrift.chaos.ground;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.boot.KernelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Node processes in network namespaces that one bridge joins; a packet filter on the bridge drops
/// what a rule cuts or loses. This process runs in the namespace of the bridge: what its clients
/// send is not forwarded and so never lost.
public final class NetnsGround extends NodesGround {
  /// As nft tells the counter of one link.
  private static final Pattern LOST =
      Pattern.compile("counter lost_(\\w+?)_(\\w+) \\{\\s+packets (\\d+)");

  private static final int PORT = 8770;

  private final String tag;

  private NetnsGround(ClusterPlan plan, String tag) {
    super(plan);
    this.tag = tag;
  }

  /// @param tag of the namespaces, which are there already
  public static NetnsGround open(ClusterPlan plan, String tag) throws IOException {
    var ground = new NetnsGround(plan, tag);
    ground.processes.prepare();
    Files.writeString(plan.folder().resolve("cluster.yaml"), ground.config());
    ground.links(Map.of());
    return ground;
  }

  private String config() {
    var yaml = new StringBuilder(plan.settings()).append("voters:\n");
    for (String node : plan.voterNames()) {
      yaml.append(
          "  - {id: %s, host: %s, port: %d}%n".formatted(node, Namespaces.host(node), PORT));
    }
    return yaml.toString();
  }

  @Override
  Endpoint door(String node, Door door) {
    return new Endpoint(
        Namespaces.host(node),
        switch (door) {
          case WEB -> PORT;
          case RAFT -> KernelConfig.Raft.DEFAULT_PORT;
          case SWIM -> KernelConfig.Swim.DEFAULT_PORT;
        });
  }

  @Override
  public void start(String node, List<String> more) throws IOException {
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("--bind-host", Namespaces.host(node), "--insecure"));
    arguments.addAll(List.of("--port", Integer.toString(PORT)));
    if (plan.workerNames().contains(node)) {
      arguments.add("--outbound-only");
    }
    arguments.addAll(more);
    processes.start(node, Namespaces.inside(tag, node), arguments);
  }

  /// One transaction of the packet filter.
  @Override
  public void links(Map<Link, LinkRule> rules) {
    var text = new StringBuilder("flush chain bridge faults rules\n");
    rules.forEach(
        (link, rule) -> {
          if (rule.cut() || rule.lossPercent() > 0) {
            text.append("add counter bridge faults %s%n".formatted(counter(link)));
          }
          if (rule.cut()) {
            text.append(dropping(link, ""));
          } else if (rule.lossPercent() > 0) {
            text.append(dropping(link, "numgen random mod 100 < " + rule.lossPercent()));
          }
        });
    var _ = Commands.run(text.toString(), List.of("nft", "-f", "-"));
  }

  private static String dropping(Link link, String when) {
    return "add rule bridge faults rules ip saddr %s ip daddr %s %s counter name %s drop%n"
        .formatted(Namespaces.host(link.from()), Namespaces.host(link.to()), when, counter(link));
  }

  private static String counter(Link link) {
    return "lost_%s_%s".formatted(link.from(), link.to());
  }

  @Override
  public long struck(Collection<Link> links) {
    return struck(Commands.run("nft", "list", "counters", "table", "bridge", "faults"), links);
  }

  /// @param told by nft of all of its counters
  static long struck(String told, Collection<Link> links) {
    return LOST.matcher(told)
        .results()
        .filter(each -> links.contains(new Link(each.group(1), each.group(2))))
        .mapToLong(each -> Long.parseLong(each.group(3)))
        .sum();
  }

  /// The namespaces belong to the one who made them and are used again.
  @Override
  public List<String> end() throws InterruptedException {
    var left = new ArrayList<>(super.end());
    links(Map.of());
    if (Commands.run("nft", "list", "chain", "bridge", "faults", "rules").contains("drop")) {
      left.add("rules of links are still there");
    }
    return left;
  }
}
