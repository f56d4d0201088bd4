package io.ringrift.chaos.evidence;

import java.util.List;
import java.util.Map;

/// What one node holds when the run is over and everything has healed.
///
/// @param stateHash of its replicated state; empty when not told
/// @param appliedIndex up to which the hash counts; hashes of different indexes are not compared
/// @param items its work items
/// @param files path to SHA-256 in hexadecimal, of files under their final names
/// @param problem why the node could not be asked; empty when it could
public record NodeFinal(
    String node,
    String stateHash,
    long appliedIndex,
    List<ItemFinal> items,
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
