package io.ringrift.chaos.evidence;

import java.util.List;
import java.util.Map;

/// What one node holds when the run is over and everything has healed.
///
/// @param stateHash of its replicated state; empty when not told
/// @param appliedIndex up to which the hash counts; hashes of different indexes are not compared
/// @param log which ledger the index belongs to, as its consensus mode; empty when not told. A
///   change of mode begins a new one, whose indexes say nothing of the former
/// @param epoch greatest that the state has seen: the log that knows the greatest is the newest
/// @param itemsTold whether the node was asked for its items and told them: none at all too
/// @param items its work items; empty when not told
/// @param filesTold whether its files could be read: none at all too
/// @param files path to SHA-256 in hexadecimal, of files under their final names; empty when they
///   could not be read
/// @param problem why the node could not be asked; empty when it could
public record NodeFinal(
    String node,
    String stateHash,
    long appliedIndex,
    String log,
    long epoch,
    boolean itemsTold,
    List<ItemFinal> items,
    boolean filesTold,
    Map<String, String> files,
    String problem) {
  public NodeFinal {
    items = List.copyOf(items);
    files = Map.copyOf(files);
  }

  public boolean answered() {
    return problem.isEmpty();
  }
}
