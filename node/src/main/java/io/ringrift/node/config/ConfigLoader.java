package io.ringrift.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.boot.KernelConfig.Succession;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.node.config.NodeConfig.Host;
import io.ringrift.node.config.NodeConfig.Jobs;
import io.ringrift.node.config.NodeConfig.Listen;
import io.ringrift.node.config.NodeConfig.Queue;
import io.ringrift.node.config.NodeConfig.Security;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes one checked `NodeConfig` of flags, environment, file, preset and defaults, in that order.
/// Tells every fault at once and starts nothing.
public final class ConfigLoader {
  private static final NodeId STAND_IN = new NodeId("unnamed");
  private static final Set<String> LEVELS = Set.of("trace", "debug", "info", "warn", "error");

  private final Faults faults = new Faults();
  private final YamlFile file;
  private final Settings settings;
  private final Topology topology;
  private final Optional<Path> path;

  private ConfigLoader(Optional<Path> path, Env env, Map<String, String> flags) {
    this.path = path;
    this.file = path.map(p -> YamlFile.read(p, faults)).orElseGet(YamlFile::empty);
    this.settings = new Settings(flags, env, file, faults);
    this.topology = new Topology(file, faults);
    settings.warnUnknown();
  }

  /// @param flags command-line overrides by setting name, for example `node_id` or `jobs.max_jobs`
  /// @throws Refusal INVALID_ARGUMENT naming every fault
  public static NodeConfig load(Optional<Path> file, Env env, Map<String, String> flags) {
    return new ConfigLoader(file, env, flags).load();
  }

  private NodeConfig load() {
    var voters = topology.voters(settings);
    NodeId self = nodeId(voters);
    var own = Optional.ofNullable(topology.hosts().get(self.value()));
    var ownVoter = voters.stream().filter(v -> v.id().equals(self)).findFirst();
    var listen = listen(own, ownVoter);
    var advertise = advertise(outboundOnly(own, ownVoter), listen, own, ownVoter);
    checkKnown(self, voters, own);
    return faults.checked(config(self, own, voters, listen, advertise));
  }

  private NodeConfig config(
      NodeId self,
      Optional<Host> own,
      List<Voter> voters,
      Listen listen,
      Optional<Endpoint> advertise) {
    var security = security(listen);
    var modes = new Modes(settings, faults, self, listen, voters);
    var queue = queue();
    var workloads = new Workloads(faults).read(file);
    return new NodeConfig(
        settings.read(Key.CLUSTER_ID, "unnamed", ConfigLoader::clusterId),
        self,
        listen,
        advertise,
        folder(Key.STATE_DIR, self, "state"),
        folder(Key.DATA_ROOT, self, "data"),
        voters,
        Succession.CONFIGURED,
        topology.seeds(settings),
        modes.membership(),
        modes.consensus(),
        timing(),
        modes.raft(security),
        modes.swim(security),
        topology.hosts(),
        sharedHost(),
        capabilities(own),
        workloads,
        jobs(),
        queue,
        new SyncSection(settings, file, faults).read(),
        new Trainings(settings, faults, workloads.keySet()).read(file),
        new SelfplaySection(settings, file, faults, workloads.keySet()).read(queue),
        new Scalings(settings, faults, path).read(!voters.isEmpty()),
        loopIntervals(),
        security,
        settings.read(Key.LOG, "info", ConfigLoader::logLevel),
        settings.effective(),
        faults.warnings());
  }

  private static String clusterId(String field, String text) {
    if (!text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
      throw Refusal.invalid(field, text, "1 to 63 of A-Z a-z 0-9 . _ -");
    }
    return text;
  }

  private NodeId nodeId(List<Voter> voters) {
    var given = settings.given(Key.NODE_ID);
    if (given.isEmpty() && !voters.isEmpty()) {
      faults.fault(
          "node_id is not set but the cluster has voters; say which node this is with --node-id or"
              + " RINGRIFT_NODE_ID");
      return STAND_IN;
    }
    String text = settings.text(Key.NODE_ID, "standalone", Origin.DEFAULT);
    return faults.guard(STAND_IN, () -> new NodeId(text));
  }

  private boolean outboundOnly(Optional<Host> own, Optional<Voter> ownVoter) {
    String standIn = Boolean.toString(own.map(Host::outboundOnly).orElse(false));
    var origin = own.isPresent() ? Origin.FILE : Origin.DEFAULT;
    String text = settings.text(Key.OUTBOUND_ONLY, standIn, origin);
    boolean value =
        faults.guard(false, () -> Quantities.flag(settings.label(Key.OUTBOUND_ONLY), text));
    if (value && ownVoter.isPresent()) {
      faults.invalid(
          settings.label(Key.OUTBOUND_ONLY), "true", "false on a voter: voters have to be dialled");
    }
    return value;
  }

  private Listen listen(Optional<Host> own, Optional<Voter> ownVoter) {
    var known = ownVoter.map(Voter::endpoint).or(() -> own.flatMap(Host::endpoint));
    String port =
        known
            .map(e -> settings.text(Key.PORT, Integer.toString(e.port()), Origin.FILE))
            .orElseGet(() -> settings.text(Key.PORT));
    String host = settings.text(Key.BIND_HOST);
    if (host.isBlank()) {
      faults.invalid(settings.label(Key.BIND_HOST), host, "an address to listen on");
    }
    return new Listen(
        host, faults.guard(1, () -> Quantities.whole(settings.label(Key.PORT), port, 1, 65_535)));
  }

  private Optional<Endpoint> advertise(
      boolean outboundOnly, Listen listen, Optional<Host> own, Optional<Voter> ownVoter) {
    if (outboundOnly) {
      return Optional.empty();
    }
    var known = ownVoter.map(Voter::endpoint).or(() -> own.flatMap(Host::endpoint));
    boolean wildcard = listen.host().equals("0.0.0.0") || listen.host().equals("::");
    String host =
        settings.text(
            Key.ADVERTISE_HOST,
            known.map(Endpoint::host).orElse(wildcard ? "" : listen.host()),
            known.isPresent() ? Origin.FILE : Origin.DEFAULT);
    String port =
        settings.text(
            Key.ADVERTISE_PORT,
            Integer.toString(known.map(Endpoint::port).orElse(listen.port())),
            known.isPresent() ? Origin.FILE : Origin.DEFAULT);
    if (host.isBlank() && wildcard) {
      faults.fault(
          "advertise_host is not set but this node listens on every address; say which one others"
              + " dial with --advertise-host, or that it can only dial out with --outbound-only");
      return Optional.empty();
    }
    return faults.guard(
        Optional.empty(),
        () ->
            Optional.of(
                new Endpoint(
                    host, Quantities.whole(settings.label(Key.ADVERTISE_PORT), port, 1, 65_535))));
  }

  private void checkKnown(NodeId self, List<Voter> voters, Optional<Host> own) {
    boolean flags =
        settings.given(Key.ADVERTISE_HOST).isPresent()
            || settings.given(Key.PORT).isPresent()
            || settings.given(Key.OUTBOUND_ONLY).isPresent();
    boolean voter = voters.stream().anyMatch(v -> v.id().equals(self));
    if (!voters.isEmpty() && !voter && own.isEmpty() && !flags && !self.equals(STAND_IN)) {
      faults.invalid(
          settings.label(Key.NODE_ID),
          self.value(),
          "one of the voters or hosts of the file; a node that the file does not name needs --port,"
              + " --advertise-host or --outbound-only");
    }
  }

  private Security security(Listen listen) {
    String token = settings.text(Key.TOKEN);
    String tokenFile = settings.text(Key.TOKEN_FILE);
    if (token.isEmpty() && !tokenFile.isEmpty()) {
      token = tokenOf(Path.of(tokenFile));
    }
    if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      faults.fault("security.token must be of visible ASCII characters without blanks");
    }
    boolean insecure = settings.read(Key.INSECURE, false, Quantities::flag);
    if (!listen.loopback() && token.isEmpty() && !insecure) {
      faults.invalid(
          settings.label(Key.BIND_HOST),
          listen.host(),
          "a loopback address while no token is set; set security.token, or --insecure to let"
              + " anybody in that network start processes here");
    }
    return new Security(token.isEmpty() ? Optional.empty() : Optional.of(token), insecure);
  }

  private String tokenOf(Path path) {
    try {
      String text = Files.readString(path).strip();
      if (text.isEmpty()) {
        faults.invalid(settings.label(Key.TOKEN_FILE), path.toString(), "a file with a token");
      }
      return text;
    } catch (IOException e) {
      faults.invalid(
          settings.label(Key.TOKEN_FILE), path.toString(), "a readable file (" + e + ")");
      return "unreadable";
    }
  }

  private Timing timing() {
    Timing preset = settings.read(Key.TIMING, Timing.wan(), ConfigLoader::preset);
    var timing =
        new Timing(
            time(Key.LEASE, preset.lease()),
            time(Key.RENEW, preset.renew()),
            time(Key.HEARTBEAT, preset.heartbeat()),
            time(Key.REQUEST_TIMEOUT, preset.requestTimeout()),
            time(Key.ELECTION_TIMEOUT, preset.electionTimeout()),
            time(Key.SUSPECT_AFTER, preset.suspectAfter()),
            time(Key.DEAD_AFTER, preset.deadAfter()),
            time(Key.RETIRE_AFTER, preset.retireAfter()),
            time(Key.PURGE_AFTER, preset.purgeAfter()),
            time(Key.GOSSIP, preset.gossip()),
            drift(preset.maxDriftPerMille()));
    timing.faults().forEach(faults::fault);
    return timing;
  }

  private static Timing preset(String field, String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "wan" -> Timing.wan();
      case "lan" -> Timing.lan();
      case "local" -> Timing.local();
      default -> throw Refusal.invalid(field, text, "wan, lan or local");
    };
  }

  private Duration time(Key key, Duration preset) {
    String text = settings.text(key, Quantities.text(preset), Origin.PRESET);
    return faults.guard(preset, () -> Quantities.duration(settings.label(key), text));
  }

  private int drift(int preset) {
    String text = settings.text(Key.MAX_DRIFT, Integer.toString(preset), Origin.PRESET);
    return faults.guard(
        preset, () -> Quantities.whole(settings.label(Key.MAX_DRIFT), text, 0, 100));
  }

  private Path folder(Key key, NodeId self, String name) {
    String text =
        settings.text(key, Path.of("ringrift-data", self.value(), name).toString(), Origin.DEFAULT);
    if (text.isBlank()) {
      faults.invalid(settings.label(key), text, "a folder");
    }
    return Path.of(text).toAbsolutePath().normalize();
  }

  private boolean sharedHost() {
    boolean local = settings.text(Key.TIMING).strip().equalsIgnoreCase("local");
    String text = settings.text(Key.SHARED_HOST, Boolean.toString(local), Origin.PRESET);
    return faults.guard(false, () -> Quantities.flag(settings.label(Key.SHARED_HOST), text));
  }

  private List<String> capabilities(Optional<Host> own) {
    String standIn =
        String.join(",", own.map(Host::capabilities).orElseGet(Topology::allCapabilities));
    var origin = own.isPresent() ? Origin.FILE : Origin.DEFAULT;
    return List.copyOf(Topology.split(settings.text(Key.CAPABILITIES, standIn, origin)));
  }

  private Jobs jobs() {
    int processors = Runtime.getRuntime().availableProcessors();
    String max = settings.text(Key.MAX_JOBS, Integer.toString(processors), Origin.DEFAULT);
    return new Jobs(
        faults.guard(0, () -> Quantities.whole(settings.label(Key.MAX_JOBS), max, 0, 10_000)),
        settings.read(Key.ALLOW_EXEC, false, Quantities::flag),
        settings.read(Key.PENDING_EXPIRY, Duration.ZERO, Quantities::duration));
  }

  private Queue queue() {
    int soft = settings.read(Key.QUEUE_SOFT, 0, (f, t) -> Quantities.whole(f, t, 0, 10_000_000));
    int hard = settings.read(Key.QUEUE_HARD, 0, (f, t) -> Quantities.whole(f, t, 0, 10_000_000));
    if (soft > hard) {
      faults.fault(
          "queue.soft_limit (" + soft + ") must be at most queue.hard_limit (" + hard + ")");
    }
    return new Queue(soft, hard);
  }

  private Map<String, Duration> loopIntervals() {
    var intervals = new LinkedHashMap<String, Duration>();
    file.at("loops")
        .map(JsonNode::properties)
        .ifPresent(
            loops ->
                loops.forEach(
                    e -> {
                      String field = "loops." + e.getKey();
                      String text = e.getValue().path("interval").asText(e.getValue().asText());
                      intervals.put(
                          e.getKey(), faults.guard(Duration.ofSeconds(1), () -> gap(field, text)));
                      settings.show(field, text, Origin.FILE);
                    }));
    return Map.copyOf(intervals);
  }

  static Duration gap(String field, String text) {
    Duration gap = Quantities.duration(field, text);
    if (gap.compareTo(Duration.ofMillis(50)) < 0) {
      throw Refusal.invalid(field, text, "at least 50ms");
    }
    return gap;
  }

  private static String logLevel(String field, String text) {
    String level = text.strip().toLowerCase(Locale.ROOT);
    if (!LEVELS.contains(level)) {
      throw Refusal.invalid(field, text, "trace, debug, info, warn or error");
    }
    return level;
  }
}
