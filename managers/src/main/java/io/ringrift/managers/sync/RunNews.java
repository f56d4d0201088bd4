package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.sync.v1.FailedFile;
import io.ringrift.sync.v1.RunSyncResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What the events of one run of the leader tell (SPEC 8, DATA_SYNC_*).
///
/// @param leader who runs it
/// @param type what it is for
record RunNews(NodeId leader, Type type, ToldPlan planned) {
  /// Most targets that are named.
  private static final int MOST_TARGETS = 50;

  private static final int LONGEST_ERROR = 500;

  /// What a run is for.
  enum Type {
    /// Everything everywhere, or as many copies as are asked for.
    ALL,
    /// Self-play data to the nodes that train.
    TRAINING;

    String attribute() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  Map<String, String> started() {
    var attributes = common();
    attributes.put("files", Long.toString(planned.plan().files()));
    attributes.put("bytes", Long.toString(planned.plan().bytes()));
    return attributes;
  }

  /// @param length of the run
  Map<String, String> ended(RunSyncResponse response, Duration length) {
    var attributes = common();
    attributes.put("files", Long.toString(response.getFilesCompleted()));
    attributes.put("bytes", Long.toString(response.getBytesTransferred()));
    attributes.put("failed", Long.toString(response.getFilesFailed()));
    attributes.put("seconds", String.format(Locale.ROOT, "%.3f", length.toMillis() / 1000.0));
    if (response.getFailedCount() > 0) {
      attributes.put("error", error(response.getFailed(0)));
    }
    return attributes;
  }

  private Map<String, String> common() {
    var moves = planned.plan().moves();
    var attributes = new TreeMap<String, String>();
    attributes.put("node_id", leader.value());
    attributes.put("plan_id", planned.id());
    attributes.put("sync_type", type.attribute());
    attributes.put("jobs_total", Integer.toString(moves.size()));
    attributes.put(
        "target_nodes",
        moves.stream()
            .map(move -> move.target().value())
            .distinct()
            .sorted()
            .limit(MOST_TARGETS)
            .collect(Collectors.joining(",")));
    return attributes;
  }

  static String error(FailedFile first) {
    String text = first.getPath() + " to " + first.getTargetNodeId() + ": " + first.getDetail();
    return text.length() <= LONGEST_ERROR ? text : text.substring(0, LONGEST_ERROR);
  }
}
