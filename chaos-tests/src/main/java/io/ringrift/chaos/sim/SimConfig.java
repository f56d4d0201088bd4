package io.ringrift.chaos.sim;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// One simulation. Equal configurations give equal runs.
///
/// @param virtual how long faults go on; the healing comes on top
/// @param nodes voters; with membership and gossip, the seed adds up to three nodes beside them
/// @param sides membership and gossip; empty to drive consensus alone
/// @param schedule faults to strike instead of those drawn from the seed
public record SimConfig(
    long seed,
    int nodes,
    Duration virtual,
    Timing timing,
    CellFactory cells,
    Optional<SideCells> sides,
    Optional<List<Fault>> schedule) {
  /// Sets of nodes are bit masks; more than this proves nothing new.
  public static final int MOST_NODES = 25;

  private static final NodeId[] NAMES =
      IntStream.rangeClosed(1, MOST_NODES + SidePlan.MOST)
          .mapToObj(i -> new NodeId("n" + i))
          .toArray(NodeId[]::new);

  public SimConfig {
    if (nodes < 1 || nodes > MOST_NODES) {
      throw new IllegalArgumentException("nodes is " + nodes + " but must be 1 to " + MOST_NODES);
    }
  }

  /// Consensus alone, under the faults that the seed draws.
  public static SimConfig of(
      long seed, int nodes, Duration virtual, Timing timing, CellFactory cells) {
    return new SimConfig(seed, nodes, virtual, timing, cells, Optional.empty(), Optional.empty());
  }

  /// The same run with membership and gossip beside consensus.
  public SimConfig beside(SideCells other) {
    return new SimConfig(seed, nodes, virtual, timing, cells, Optional.of(other), schedule);
  }

  /// The same run under these faults.
  public SimConfig under(List<Fault> faults) {
    return new SimConfig(seed, nodes, virtual, timing, cells, sides, Optional.of(faults));
  }

  /// The same run with another seed.
  public SimConfig withSeed(long other) {
    return new SimConfig(other, nodes, virtual, timing, cells, sides, schedule);
  }

  /// The same run with another number of voters.
  public SimConfig withVoters(int voters) {
    return new SimConfig(seed, voters, virtual, timing, cells, sides, schedule);
  }

  /// The same run for another time.
  public SimConfig lasting(Duration other) {
    return new SimConfig(seed, nodes, other, timing, cells, sides, schedule);
  }

  /// Name of a node by its number, which counts from 0.
  static NodeId node(int index) {
    return NAMES[index];
  }

  /// Number of a node by its name.
  static int index(NodeId id) {
    return Integer.parseInt(id.value(), 1, id.value().length(), 10) - 1;
  }

  /// All nodes vote; two share the greatest priority, so that both parts of the rank count.
  Map<NodeId, Integer> voters() {
    var voters = new TreeMap<NodeId, Integer>();
    for (int i = 0; i < nodes; i++) {
      voters.put(node(i), i >= 2 ? 100 : 200);
    }
    return voters;
  }
}
