package io.ringrift.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.Raft;
import io.ringrift.kernel.boot.KernelConfig.Swim;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.node.config.NodeConfig.Host;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads who is in the deployment: the file's `hosts`, and the voters from flag, environment or
/// file (SPEC 1.10 for the order of sources). A voter whose host is offline still counts: dropping
/// it would shrink the base of the quorum on some nodes only.
final class Topology {
  private static final int DEFAULT_PORT = 8770;
  private static final List<String> STATUSES =
      List.of("ready", "retired", "offline", "proxy_only", "archived", "stopped", "terminated");

  private static final Pattern COUNT_BEFORE = Pattern.compile("([1-9][0-9]{0,2}) ?x ?(\\S.*)");
  private static final Pattern COUNT_BEHIND = Pattern.compile("(.*\\S) ?x ?([1-9][0-9]{0,2})");
  private static final List<String> SWITCHABLE =
      List.of("selfplay", "training", "gauntlet", "export");
  private static final List<String> ALWAYS = List.of("tournament", "validation", "shell");

  private final YamlFile file;
  private final Faults faults;
  private final Map<String, Host> hosts = new LinkedHashMap<>();

  Topology(YamlFile file, Faults faults) {
    this.file = file;
    this.faults = faults;
    file.at("hosts").ifPresent(this::readHosts);
  }

  Map<String, Host> hosts() {
    return Map.copyOf(hosts);
  }

  /// Voters, from text (flag or environment) when given, else from the file.
  List<Voter> voters(Settings settings) {
    var given = settings.given(Key.VOTERS);
    var voters = new ArrayList<Voter>();
    if (given.isPresent()) {
      for (String item : new LinkedHashSet<>(split(given.get()))) {
        read(settings.label(Key.VOTERS), () -> fromText(item), voters);
      }
    } else {
      var listed = file.at("voters").or(() -> file.at("p2p_voters"));
      listed.ifPresent(list -> fromList(list, voters));
      if (listed.isEmpty()) {
        file.at("hosts").ifPresent(all -> fromHostFlags(all, voters));
      }
      settings.show("voters", names(voters), voters.isEmpty() ? Origin.DEFAULT : Origin.FILE);
    }
    checkUnique(voters);
    warnOfHostFlags(
        given.isPresent() || file.at("voters").isPresent() || file.at("p2p_voters").isPresent());
    return List.copyOf(preferred(voters, settings));
  }

  private void warnOfHostFlags(boolean listed) {
    boolean flagged =
        file.at("hosts").stream()
            .flatMap(JsonNode::valueStream)
            .anyMatch(host -> host.has("p2p_voter"));
    if (listed && flagged) {
      faults.warn(
          file.name() + ": hosts.*.p2p_voter has no effect: the voters are listed elsewhere");
    }
  }

  /// The original's `preferred_leader` ranks above all others.
  private List<Voter> preferred(List<Voter> voters, Settings settings) {
    String name = file.scalar("preferred_leader").orElse("");
    if (!name.isEmpty() && voters.stream().noneMatch(v -> v.id().value().equals(name))) {
      faults.warn(file.name() + ": preferred_leader has no effect: " + name + " is no voter");
    }
    if (!name.isEmpty() && settings.text(Key.CONSENSUS_MODE).strip().equalsIgnoreCase("raft")) {
      faults.warn(file.name() + ": preferred_leader has no effect: mode raft knows no ranks");
    }
    int above = 1 + voters.stream().mapToInt(Voter::priority).max().orElse(0);
    return voters.stream()
        .map(
            v ->
                v.id().value().equals(name)
                    ? new Voter(v.id(), v.endpoint(), above, v.raftPort(), v.swimPort())
                    : v)
        .toList();
  }

  /// Endpoints in comma-separated text; a scheme before them is dropped.
  List<Endpoint> seeds(Settings settings) {
    var seeds = new ArrayList<Endpoint>();
    for (String item : split(settings.text(Key.SEEDS))) {
      String address = item.replaceFirst("^https?://", "").replaceFirst("/+$", "");
      try {
        seeds.add(Endpoint.parse(address));
      } catch (Refusal refusal) {
        faults.fault(settings.label(Key.SEEDS) + ": " + refusal.text());
      }
    }
    return List.copyOf(seeds);
  }

  static List<String> split(String text) {
    var parts = new ArrayList<String>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        parts.add(part.strip());
      }
    }
    return parts;
  }

  private void readHosts(JsonNode section) {
    if (!section.isObject()) {
      faults.invalid("hosts", section.asText(), "a mapping of node names");
      return;
    }
    section.properties().forEach(e -> readHost(e.getKey(), e.getValue()));
  }

  private void readHost(String name, JsonNode node) {
    String field = "hosts." + name;
    faults.guard(new NodeId("standin"), () -> new NodeId(name));
    String address = firstText(node, "host", "tailscale_ip", "ssh_host");
    boolean outboundOnly =
        isTrue(field, node, "nat_blocked", false) || isTrue(field, node, "force_relay_mode", false);
    Optional<Endpoint> endpoint = Optional.empty();
    if (!address.isEmpty() && !outboundOnly) {
      String port = firstText(node, "port", "p2p_port");
      endpoint = faults.guard(Optional.empty(), () -> Optional.of(endpoint(field, address, port)));
    }
    var capabilities = new ArrayList<String>();
    for (String type : SWITCHABLE) {
      if (isTrue(field, node, type + "_enabled", true)) {
        capabilities.add(type);
      }
    }
    capabilities.addAll(ALWAYS);
    hosts.put(
        name,
        new Host(
            name,
            endpoint,
            outboundOnly,
            List.copyOf(capabilities),
            hardware(field, node),
            node.path("role").asText(""),
            status(field, node)));
  }

  private String status(String field, JsonNode node) {
    boolean runs = isTrue(field, node, "p2p_enabled", true);
    String status = node.path("status").asText("ready");
    if (!STATUSES.contains(status)) {
      faults.invalid(field + ".status", status, "one of " + STATUSES);
    }
    return status.equals("ready") && !runs ? "stopped" : status;
  }

  /// `gpu` names one GPU or several alike: `RTX 4090`, `8x H100`, `H100 x8`.
  private NodeConfig.Hardware hardware(String field, JsonNode node) {
    String gpu = node.path("gpu").asText("").strip();
    var before = COUNT_BEFORE.matcher(gpu);
    var behind = COUNT_BEHIND.matcher(gpu);
    int gpus = gpu.isEmpty() || gpu.equalsIgnoreCase("none") ? 0 : 1;
    String name = gpus == 0 ? "" : gpu;
    if (before.matches()) {
      gpus = Integer.parseInt(before.group(1));
      name = before.group(2);
    } else if (behind.matches()) {
      gpus = Integer.parseInt(behind.group(2));
      name = behind.group(1);
    }
    return new NodeConfig.Hardware(
        whole(field, node, "cpus"),
        (long) whole(field, node, "memory_gb") << 30,
        gpus,
        name,
        whole(field, node, "gpu_vram_gb"));
  }

  private int whole(String field, JsonNode node, String name) {
    String text = firstText(node, name);
    return text.isEmpty()
        ? 0
        : faults.guard(0, () -> Quantities.whole(field + "." + name, text, 0, 1_000_000));
  }

  /// Job types of a node that no host entry restricts.
  static List<String> allCapabilities() {
    var all = new ArrayList<>(SWITCHABLE);
    all.addAll(ALWAYS);
    return List.copyOf(all);
  }

  private void fromList(JsonNode list, List<Voter> voters) {
    if (list.isTextual()) {
      split(list.asText()).forEach(item -> read("voters", () -> fromText(item), voters));
      return;
    }
    if (!list.isArray()) {
      faults.invalid("voters", list.toString(), "a list of names or of {id, host, port, priority}");
      return;
    }
    int i = 0;
    for (JsonNode item : list) {
      String field = "voters[" + i++ + "]";
      read(
          field, () -> item.isObject() ? fromObject(field, item) : fromText(item.asText()), voters);
    }
  }

  private void fromHostFlags(JsonNode all, List<Voter> voters) {
    all.properties()
        .forEach(
            e -> {
              if (isTrue("hosts." + e.getKey(), e.getValue(), "p2p_voter", false)) {
                read("hosts." + e.getKey(), () -> fromText(e.getKey()), voters);
              }
            });
  }

  private static Voter fromObject(String field, JsonNode item) {
    String id = firstText(item, "id", "node_id", "name");
    String host = firstText(item, "host");
    if (host.isEmpty()) {
      throw Refusal.invalid(field + ".host", "", "given");
    }
    int priority =
        item.has("priority")
            ? Quantities.whole(field + ".priority", item.get("priority").asText(), 0, 1_000_000)
            : 0;
    return new Voter(
        new NodeId(id),
        endpoint(field, host, firstText(item, "port")),
        priority,
        sidePort(field, item, "raft_port", Raft.DEFAULT_PORT),
        sidePort(field, item, "swim_port", Swim.DEFAULT_PORT));
  }

  private static int sidePort(String field, JsonNode item, String name, int standIn) {
    String text = firstText(item, name);
    return text.isEmpty() ? standIn : Quantities.whole(field + "." + name, text, 1, 65_535);
  }

  /// A name of `hosts`, or `name=host:port`.
  private Voter fromText(String item) {
    int equals = item.indexOf('=');
    if (equals > 0) {
      return new Voter(
          new NodeId(item.substring(0, equals)), Endpoint.parse(item.substring(equals + 1)), 0);
    }
    var host = hosts.get(item);
    if (host == null) {
      throw Refusal.invalid("voter", item, "a name of the hosts section, or name=host:port");
    }
    return host.endpoint()
        .map(endpoint -> fromHost(item, endpoint))
        .orElseThrow(
            () ->
                Refusal.invalid("voter", item, "a host that others can dial (host and port set)"));
  }

  private Voter fromHost(String name, Endpoint endpoint) {
    String field = "hosts." + name;
    JsonNode host = file.at("hosts").orElseThrow().path(name);
    return new Voter(
        new NodeId(name),
        endpoint,
        0,
        sidePort(field, host, "raft_port", Raft.DEFAULT_PORT),
        sidePort(field, host, "swim_port", Swim.DEFAULT_PORT));
  }

  private static Endpoint endpoint(String field, String host, String port) {
    return new Endpoint(
        host, port.isEmpty() ? DEFAULT_PORT : Quantities.whole(field + ".port", port, 1, 65_535));
  }

  private interface Reading {
    Voter read();
  }

  private void read(String field, Reading reading, List<Voter> voters) {
    try {
      voters.add(reading.read());
    } catch (Refusal refusal) {
      faults.fault(field + ": " + refusal.text());
    }
  }

  private void checkUnique(Collection<Voter> voters) {
    var ids = new HashSet<NodeId>();
    var endpoints = new HashSet<Endpoint>();
    for (Voter voter : voters) {
      if (!ids.add(voter.id())) {
        faults.invalid("voters", voter.id().value(), "named once");
      }
      if (!endpoints.add(voter.endpoint())) {
        faults.invalid("voters", voter.endpoint().toString(), "the address of one voter only");
      }
    }
  }

  private boolean isTrue(String field, JsonNode node, String name, boolean standIn) {
    JsonNode value = node.path(name);
    boolean absent = value.isMissingNode() || value.isNull();
    return absent
        ? standIn
        : faults.guard(standIn, () -> Quantities.flag(field + "." + name, value.asText()));
  }

  private static String firstText(JsonNode node, String... names) {
    for (String name : names) {
      JsonNode value = node.path(name);
      if (value.isValueNode() && !value.isNull()) {
        return value.asText();
      }
    }
    return "";
  }

  private static String names(List<Voter> voters) {
    return String.join(",", voters.stream().map(v -> v.id() + "=" + v.endpoint()).toList());
  }
}
