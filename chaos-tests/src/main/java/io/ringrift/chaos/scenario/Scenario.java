package io.ringrift.chaos.scenario;

import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One question to a cluster: what is done to it, and what it has to keep up.
///
/// @param origin tells how to run it again
/// @param nodes all of them vote
/// @param workers nodes beside the voters that can only dial out
/// @param timing preset of every node
/// @param notOn grounds that it cannot run on though each fault could, with the reason
/// @param slices subsets of the suite that it belongs to
public record Scenario(
    String name,
    Origin origin,
    String description,
    Set<GroundKind> grounds,
    Map<GroundKind, String> notOn,
    int nodes,
    int workers,
    String timing,
    Set<ConsensusMode> modes,
    Set<MembershipMode> memberships,
    Set<String> slices,
    Work work,
    List<FaultSpec> faults,
    Expectation expect) {
  public Scenario {
    grounds = Set.copyOf(grounds);
    notOn = Map.copyOf(notOn);
    modes = Set.copyOf(modes);
    memberships = Set.copyOf(memberships);
    slices = Set.copyOf(slices);
    faults = List.copyOf(faults);
  }

  /// Where it comes from.
  ///
  /// @param word by which a command line names it: its name, or the path of a user's own file
  /// @param text of that file; empty for a scenario of the suite
  public record Origin(String word, String text) {
    /// One that comes with the suite.
    public static Origin named(String name) {
      return new Origin(name, "");
    }
  }

  /// What clients do meanwhile.
  ///
  /// @param clients at once
  /// @param kinds of operations: `queue`, `jobs`, `files`
  /// @param backlog items that lie in the queue before the first fault
  /// @param pace of each client's operations; zero for no pause
  public record Work(int clients, Set<String> kinds, int backlog, Duration pace) {
    public Work {
      kinds = Set.copyOf(kinds);
    }
  }

  /// What has to hold beside the invariants, measured from the end of the last fault.
  ///
  /// @param leaderWithin somebody leads; zero for a bound by the nodes' timing
  /// @param recoveredWithin a write is acknowledged, every node runs, names the leader and counts
  ///   on all others; zero for a bound by the nodes' timing
  /// @param newLeader the epoch has to be greater than before
  /// @param sameEpoch nobody may be elected meanwhile
  /// @param servedThroughout writes have to be acknowledged during the faults too
  /// @param lateOrder an order of a deposed leader has to reach a node
  public record Expectation(
      Duration leaderWithin,
      Duration recoveredWithin,
      boolean newLeader,
      boolean sameEpoch,
      boolean servedThroughout,
      boolean lateOrder) {}

  /// Why it cannot run there; empty when it can.
  public Optional<String> cannotRunOn(GroundKind ground) {
    if (grounds.contains(ground)) {
      return Optional.empty();
    }
    return Optional.of(
        faults.stream()
            .flatMap(
                fault ->
                    ground
                        .cannot(fault.kind())
                        .map(why -> fault.kind().word() + ": " + why)
                        .stream())
            .findFirst()
            .or(() -> Optional.ofNullable(notOn.get(ground)))
            .orElse("its file does not list " + ground.word()));
  }

  /// Whether a fault starts processes, which recovery waits for.
  public boolean startsNodes() {
    return faults.stream().anyMatch(fault -> fault.kind().starts());
  }

  /// Of the longest fault.
  public Duration longest() {
    return faults.stream()
        .map(FaultSpec::lasting)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /// When its last fault ends.
  public Duration length() {
    return faults.stream().map(FaultSpec::end).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
  }
}
