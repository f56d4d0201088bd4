package io.ringrift.node.config;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import io.ringrift.kernel.boot.KernelConfig.Raft;
import io.ringrift.kernel.boot.KernelConfig.Swim;
import io.ringrift.kernel.boot.KernelConfig.Tls;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.node.config.NodeConfig.Listen;
import io.ringrift.node.config.NodeConfig.Security;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Reads the modes of membership and consensus, and what SWIM and Raft need: ports of their own,
/// figures, certificates. A mode alone decides whether its library runs.
final class Modes {
  private static final Duration WAN_ELECTION = Duration.ofSeconds(5);
  private static final Duration LAN_ELECTION = Duration.ofMillis(500);

  /// Several nodes share one machine there, and each may be kept waiting by the others.
  private static final Duration LOCAL_ELECTION = Duration.ofSeconds(1);

  private final Settings settings;
  private final Faults faults;
  private final Listen listen;
  private final List<Voter> voters;
  private final Optional<Voter> ownVoter;
  private final MembershipMode membership;
  private final ConsensusMode consensus;

  Modes(Settings settings, Faults faults, NodeId self, Listen listen, List<Voter> voters) {
    this.settings = settings;
    this.faults = faults;
    this.listen = listen;
    this.voters = voters;
    this.ownVoter = voters.stream().filter(v -> v.id().equals(self)).findFirst();
    this.membership =
        settings.read(Key.MEMBERSHIP_MODE, MembershipMode.HTTP, Modes::membershipMode);
    this.consensus = settings.read(Key.CONSENSUS_MODE, ConsensusMode.BULLY, Modes::consensusMode);
    contradiction(Key.SWIM_ENABLED, Key.MEMBERSHIP_MODE, "swim", usesSwim());
    contradiction(Key.RAFT_ENABLED, Key.CONSENSUS_MODE, "raft", usesRaft());
  }

  MembershipMode membership() {
    return membership;
  }

  ConsensusMode consensus() {
    return consensus;
  }

  private boolean usesSwim() {
    return membership != MembershipMode.HTTP;
  }

  private boolean usesRaft() {
    return consensus != ConsensusMode.BULLY;
  }

  Raft raft(Security security) {
    Duration preset =
        switch (settings.text(Key.TIMING).strip().toLowerCase(Locale.ROOT)) {
          case "lan" -> LAN_ELECTION;
          case "local" -> LOCAL_ELECTION;
          default -> WAN_ELECTION;
        };
    String election =
        settings.text(Key.RAFT_ELECTION_TIMEOUT, Quantities.text(preset), Origin.PRESET);
    var raft =
        new Raft(
            listen.host(),
            port(Key.RAFT_BIND_PORT, Voter::raftPort),
            faults.guard(
                preset, () -> election(settings.label(Key.RAFT_ELECTION_TIMEOUT), election)),
            settings.read(
                Key.RAFT_COMPACTION, 1000, (f, t) -> Quantities.whole(f, t, 100, 10_000_000)),
            tls());
    if (usesRaft()) {
      obstaclesToRaft(listen, voters, raft, security).forEach(faults::fault);
    }
    return raft;
  }

  Swim swim(Security security) {
    int bind = port(Key.SWIM_BIND_PORT, Voter::swimPort);
    var swim =
        new Swim(
            listen.host(),
            bind,
            ownVoter.map(Voter::swimPort).orElse(bind),
            optional(Key.SWIM_PING_INTERVAL, Modes::atLeastATenth),
            optional(Key.SWIM_SUSPICION, Modes::atLeastATenth),
            optional(Key.SWIM_INDIRECT_PINGS, (f, t) -> Quantities.whole(f, t, 0, 16))
                .map(OptionalInt::of)
                .orElseGet(OptionalInt::empty),
            tls());
    if (usesSwim()) {
      shared(voters, "swim_port", Voter::swim).forEach(faults::fault);
      unguarded("SWIM", listen, swim.tls(), security).ifPresent(faults::fault);
    }
    return swim;
  }

  /// Why a node with this configuration could not run Raft; empty when it could.
  static List<String> obstaclesToRaft(
      Listen listen, List<Voter> voters, Raft raft, Security security) {
    var obstacles = new ArrayList<>(shared(voters, "raft_port", Voter::raft));
    unguarded("Raft", listen, raft.tls(), security).ifPresent(obstacles::add);
    return obstacles;
  }

  /// Why a node whose operator set `raft_enabled` to false runs no Raft, whatever its cluster
  /// changes to; empty when the setting is true or not set.
  ///
  /// @param settings checked ones
  static Optional<String> raftRuledOut(List<Setting> settings) {
    return settings.stream()
        .filter(setting -> setting.name().equals(Key.RAFT_ENABLED.path()))
        .filter(setting -> !setting.value().isBlank())
        .filter(setting -> !Quantities.flag(setting.name(), setting.value()))
        .findFirst()
        .map(
            setting ->
                "%s (%s) is %s, which rules Raft out here; unset it and start this node again"
                    .formatted(setting.name(), setting.source(), setting.value()));
  }

  /// What was set for this node, else the port that the voters' list gives it, else the default.
  private int port(Key key, Function<Voter, Integer> listed) {
    if (settings.given(key).isEmpty() && ownVoter.isPresent()) {
      String port = Integer.toString(listed.apply(ownVoter.get()));
      return Integer.parseInt(settings.text(key, port, Origin.FILE));
    }
    return settings.read(key, 1, (f, t) -> Quantities.whole(f, t, 1, 65_535));
  }

  private static Duration election(String field, String text) {
    Duration timeout = Quantities.duration(field, text);
    if (timeout.compareTo(Duration.ofMillis(100)) < 0
        || timeout.compareTo(Duration.ofMinutes(1)) > 0) {
      throw Refusal.invalid(field, text, "100ms to 60s");
    }
    return timeout;
  }

  private static Duration atLeastATenth(String field, String text) {
    Duration value = Quantities.duration(field, text);
    if (value.compareTo(Duration.ofMillis(100)) < 0) {
      throw Refusal.invalid(field, text, "at least 100ms");
    }
    return value;
  }

  private <T> Optional<T> optional(Key key, BiFunction<String, String, T> reader) {
    String text = settings.text(key, "", Origin.PRESET);
    return text.isBlank()
        ? Optional.empty()
        : faults.guard(
            Optional.empty(), () -> Optional.of(reader.apply(settings.label(key), text)));
  }

  private static List<String> shared(
      List<Voter> voters, String name, Function<Voter, Endpoint> address) {
    var found = new ArrayList<String>();
    var owners = new HashMap<Endpoint, Voter>();
    for (Voter voter : voters) {
      Voter other = owners.putIfAbsent(address.apply(voter), voter);
      if (other != null) {
        found.add(
            "voters "
                + other.id()
                + " and "
                + voter.id()
                + " share "
                + address.apply(voter)
                + "; on one host each voter needs a "
                + name
                + " of its own");
      }
    }
    return found;
  }

  /// The bearer token guards the main port only.
  private static Optional<String> unguarded(
      String what, Listen listen, Optional<Tls> tls, Security security) {
    if (listen.loopback() || tls.isPresent() || security.insecure()) {
      return Optional.empty();
    }
    return Optional.of(
        "the mode opens a port for "
            + what
            + " on "
            + listen.host()
            + " that no token guards; set security.tls_ca, security.tls_certificate and"
            + " security.tls_key, or --insecure to trust everybody in that network");
  }

  private Optional<Tls> tls() {
    String ca = settings.text(Key.TLS_CA);
    String certificate = settings.text(Key.TLS_CERTIFICATE);
    String key = settings.text(Key.TLS_KEY);
    if (ca.isEmpty() && certificate.isEmpty() && key.isEmpty()) {
      return Optional.empty();
    }
    boolean whole = true;
    for (Key each : List.of(Key.TLS_CA, Key.TLS_CERTIFICATE, Key.TLS_KEY)) {
      String path = settings.text(each);
      if (path.isEmpty() || !Files.isReadable(Path.of(path))) {
        whole = false;
        faults.invalid(settings.label(each), path, "a readable PEM file; the three go together");
      }
    }
    return whole
        ? Optional.of(new Tls(Path.of(ca), Path.of(certificate), Path.of(key)))
        : Optional.empty();
  }

  private static MembershipMode membershipMode(String field, String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "http" -> MembershipMode.HTTP;
      case "swim" -> MembershipMode.SWIM;
      case "hybrid" -> MembershipMode.HYBRID;
      default -> throw Refusal.invalid(field, text, "http, swim or hybrid");
    };
  }

  private static ConsensusMode consensusMode(String field, String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "bully" -> ConsensusMode.BULLY;
      case "raft" -> ConsensusMode.RAFT;
      case "hybrid" -> ConsensusMode.HYBRID;
      default -> throw Refusal.invalid(field, text, "bully, raft or hybrid");
    };
  }

  /// A second switch may repeat what the mode says but not contradict it (SPEC 12, row 8).
  private void contradiction(Key enabled, Key mode, String library, boolean used) {
    String text = settings.text(enabled);
    if (text.isBlank()) {
      return;
    }
    boolean wanted = faults.guard(false, () -> Quantities.flag(settings.label(enabled), text));
    if (wanted != used) {
      faults.fault(
          settings.label(enabled)
              + " is "
              + text
              + " but "
              + settings.label(mode)
              + " is "
              + settings.text(mode).strip().toLowerCase(Locale.ROOT)
              + "; the mode alone decides whether "
              + library
              + " runs: make them agree or unset the first");
    }
  }
}
