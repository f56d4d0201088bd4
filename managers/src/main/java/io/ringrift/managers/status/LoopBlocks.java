package io.ringrift.managers.status;

import io.ringrift.kernel.Pure;
import io.ringrift.loop.v1.ListLoopsResponse;
import io.ringrift.loop.v1.Loop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Blocks of SPEC 5.8 that loops tell: what they count, on this node and since it began. Those of
/// the leader's loops are 0 elsewhere.
@Pure
final class LoopBlocks {
  private static final List<String> SYNC =
      List.of("manifest_collection", "data_sync", "training_sync", "garbage_collection");
  private static final List<String> TOURNAMENTS =
      List.of("tournaments", "rating_games", "validation");

  private LoopBlocks() {}

  /// Figures by block.
  static Map<String, Map<String, Object>> of(ListLoopsResponse loops) {
    var intervals = new LinkedHashMap<String, Object>();
    var tournaments = new LinkedHashMap<String, Object>();
    var training = new LinkedHashMap<String, Object>();
    var partition = new LinkedHashMap<String, Object>();
    for (Loop loop : loops.getLoopsList()) {
      String name = loop.getName();
      if (SYNC.contains(name)) {
        var interval = loop.getInterval();
        intervals.put(name + "_seconds", interval.getSeconds() + interval.getNanos() / 1e9);
      } else if (TOURNAMENTS.contains(name)) {
        loop.getCountersMap().forEach((what, count) -> tournaments.put(name + "_" + what, count));
      } else if (name.equals("training")) {
        training.putAll(loop.getCountersMap());
      } else if (name.equals("split_brain_detection")) {
        partition.putAll(loop.getCountersMap());
      }
    }
    return Map.of(
        "sync_intervals", intervals,
        "tournament_scheduling", tournaments,
        "distributed_training", training,
        "partition", partition);
  }
}
