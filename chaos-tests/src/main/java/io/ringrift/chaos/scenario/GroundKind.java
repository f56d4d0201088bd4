package io.ringrift.chaos.scenario;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Where a scenario can run, and what cannot be done there.
@SuppressWarnings("ImmutableEnumChecker") // its map is an unmodifiable copy
public enum GroundKind {
  /// Real node processes on loopback; every link between two of them passes a proxy of the runner.
  PROCESS(Map.of()),
  /// Real node processes in network namespaces that one bridge joins. Linux, root.
  NETNS(
      Map.of(
          FaultKind.DELAY,
          "a packet filter drops and does not hold back; process delays streams",
          FaultKind.RESET,
          "a packet filter of a bridge cannot end a connection; process does",
          FaultKind.TRUNCATE,
          "a packet filter sees packets and not streams; process cuts a stream short",
          FaultKind.DUPLICATE,
          "a packet filter does not copy packets; process copies datagrams and requests, sim"
              + " messages",
          FaultKind.REORDER,
          "a packet filter keeps the order; process exchanges datagrams and requests, sim"
              + " messages")),
  /// The protocol cores in virtual time.
  SIM(
      Map.ofEntries(
          Map.entry(FaultKind.RESET, "messages are simulated, not connections"),
          Map.entry(FaultKind.TRUNCATE, "messages are simulated, not streams of bytes"),
          Map.entry(FaultKind.WIPE, "a simulated disk forgets what was not made durable, no more"),
          Map.entry(FaultKind.STALE, "a simulated disk keeps one state, not several"),
          Map.entry(FaultKind.CORRUPT, "the simulation has records and no files"),
          Map.entry(FaultKind.CONFIG, "the simulation has cores and no configuration files"),
          Map.entry(FaultKind.SLOW_DISK, "the simulated disk has a delay of its own from the seed"),
          Map.entry(FaultKind.FULL_DISK, "the simulated disk has no size"),
          Map.entry(FaultKind.SWITCH_MODE, "only the bully cores are simulated"),
          Map.entry(FaultKind.REMOVE_VOTER, "the voters of a simulation do not change"),
          Map.entry(FaultKind.ADD_VOTER, "the voters of a simulation do not change"),
          Map.entry(
              FaultKind.CLOCK_JUMP,
              "no core reads a wall clock; the simulated ones are wrong at will"),
          Map.entry(FaultKind.HOSTILE, "the simulation has no ports"),
          Map.entry(FaultKind.OVERSIZED, "the simulation has no ports"),
          Map.entry(FaultKind.FORGE, "the simulation has no ports")));

  private final Map<FaultKind, String> cannot;

  GroundKind(Map<FaultKind, String> cannot) {
    this.cannot = Map.copyOf(cannot);
  }

  /// Why this ground cannot do a fault; empty when it can.
  public Optional<String> cannot(FaultKind kind) {
    return Optional.ofNullable(cannot.get(kind));
  }

  /// As files and flags write it.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
