package io.ringrift.node;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Services;
import io.ringrift.node.config.Reload;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.StateServiceGrpc;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the cluster, as an event, that this node's configuration changed while it ran. Values are
/// not told: names show whether all nodes went along. Without a leader nobody is told.
final class ConfigNews {
  static final String KIND = "CONFIG_RELOADED";

  private static final Logger LOG = LoggerFactory.getLogger(ConfigNews.class);
  private static final long DEADLINE_SECONDS = 5;
  private static final int MOST_NAMES = 20;

  private final Services services;

  ConfigNews(Services services) {
    this.services = services;
  }

  /// Returns at once.
  void tell(Reload reload) {
    if (!reload.applied().isEmpty() || !reload.restartNeeded().isEmpty()) {
      Thread.ofVirtual().name("config-news").start(() -> record(event(reload)));
    }
  }

  private RecordEvent event(Reload reload) {
    String node = services.self().value();
    return RecordEvent.newBuilder()
        .setKind(KIND)
        .setSubject(node)
        .putAttributes("node_id", node)
        .putAttributes("applied", names(reload.applied()))
        .putAttributes("restart_needed", names(reload.restartNeeded()))
        .build();
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

  private void record(RecordEvent event) {
    try {
      var _ =
          StateServiceGrpc.newBlockingStub(services.onLeader())
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .applyCommand(
                  ApplyCommandRequest.newBuilder()
                      .setCommand(Command.newBuilder().setRecordEvent(event))
                      .build());
    } catch (StatusRuntimeException | Refusal e) {
      LOG.info("{} could not be recorded at the leader: {}", KIND, e.getMessage());
    }
  }
}
