package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Epoch;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.sync.v1.FailingTarget;
import io.ringrift.sync.v1.GetSyncStatusRequest;
import io.ringrift.sync.v1.GetSyncStatusResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Rounds of data_sync at the leader `a` of a few nodes, some of which can store nothing.
abstract class TargetsBed {
  @TempDir private Path folder;
  SyncCluster cluster;

  abstract SyncCluster cluster(Path folder) throws IOException;

  @BeforeEach
  void openCluster() throws IOException {
    cluster = cluster(folder);
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  /// A round that does not wait for its pauses between tries.
  void quickly() throws Exception {
    var round =
        new FutureTask<Void>(
            () -> {
              round();
              return null;
            });
    Thread running = Thread.ofVirtual().start(round);
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              if (status().getState().equals("RETRY")) {
                cluster.skip(Duration.ofSeconds(4));
                LockSupport.unpark(running);
              }
              return round.isDone();
            });
    var _ = round.get();
  }

  /// Nothing can be received while a file has the name of the folder for what is under way.
  void spoil(String name) throws IOException {
    Files.createDirectories(cluster.node(name).root);
    Files.writeString(cluster.node(name).root.resolve(SafePath.PARTIAL), "");
  }

  void mend(String name) throws IOException {
    Files.delete(cluster.node(name).root.resolve(SafePath.PARTIAL));
  }

  void round() throws InterruptedException {
    cluster.node("a").planner.loops().stream()
        .filter(loop -> loop.name().equals("data_sync"))
        .findFirst()
        .orElseThrow()
        .round()
        .run(Optional.of(new Epoch(1)));
  }

  GetSyncStatusResponse status() {
    return cluster.node("a").stub().getSyncStatus(GetSyncStatusRequest.getDefaultInstance());
  }

  FailingTarget failing() {
    assertThat(status().getFailingTargetsList()).hasSize(1);
    return status().getFailingTargets(0);
  }

  Path at(String node, String path) {
    return cluster.node(node).root.resolve(path);
  }

  RecordEvent last() {
    return cluster.recorded().getLast().getCommand().getRecordEvent();
  }
}
