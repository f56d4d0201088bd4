package io.ringrift.node;

import io.ringrift.managers.LeaderEvents;
import io.ringrift.managers.Services;
import io.ringrift.node.config.Reload;
import io.ringrift.state.v1.RecordEvent;
import java.util.List;
import java.util.stream.Collectors;

/// Tells the cluster, as an event, that this node's configuration changed while it ran. Values are
/// not told: names show whether all nodes went along. Without a leader nobody is told.
final class ConfigNews {
  static final String KIND = "CONFIG_RELOADED";

  private static final int MOST_NAMES = 20;

  private final Services services;
  private final LeaderEvents events;

  ConfigNews(Services services) {
    this.services = services;
    this.events = new LeaderEvents(services);
  }

  /// Returns at once.
  void tell(Reload reload) {
    if (!reload.applied().isEmpty() || !reload.restartNeeded().isEmpty()) {
      Thread.ofVirtual().name("config-news").start(() -> events.record(event(reload)));
    }
  }

  private RecordEvent.Builder event(Reload reload) {
    String node = services.self().value();
    return RecordEvent.newBuilder()
        .setKind(KIND)
        .setSubject(node)
        .putAttributes("node_id", node)
        .putAttributes("applied", names(reload.applied()))
        .putAttributes("restart_needed", names(reload.restartNeeded()));
  }

  private static String names(List<Reload.Change> changes) {
    String names =
        changes.stream()
            .limit(MOST_NAMES)
            .map(Reload.Change::name)
            .collect(Collectors.joining(","));
    int more = changes.size() - MOST_NAMES;
    return more > 0 ? names + " and " + more + " more" : names;
  }
}
