package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Refusal;
import io.ringrift.ledger.v1.GetLedgerRequest;
import io.ringrift.ledger.v1.GetLedgerResponse;
import io.ringrift.ledger.v1.ReplicaServiceGrpc;
import io.ringrift.queue.v1.WorkSpec;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The disk of a stopped node loses a part of its log.
@Timeout(180)
class DamagedLogTest {
  @RegisterExtension static final RealCluster CLUSTER = new RealCluster();

  private final Jobs jobs = new Jobs(CLUSTER);

  @Test
  void nodeWhoseLogIsTruncatedRejoinsWithTheStateOfTheOthers()
      throws IOException, InterruptedException {
    for (int i = 0; i < 5; i++) {
      jobs.submit(WorkSpec.newBuilder().setWorkType("soil"));
    }
    String node = CLUSTER.follower();
    Path state = CLUSTER.local().stateFolder(node);
    assertThat(CLUSTER.local().stop(node, Duration.ofSeconds(20))).isTrue();
    truncateData(state.resolve("log"));
    CLUSTER.restart(node);
    jobs.submit(WorkSpec.newBuilder().setWorkType("soil"));

    soon().until(() -> Files.readString(state.resolve("audit.jsonl")).contains("\"rebuilt\""));
    soon().until(() -> CLUSTER.nodes().stream().map(DamagedLogTest::held).distinct().count() == 1);
    assertThat(Files.readString(state.resolve("audit.jsonl"))).contains("corrupt-found");
    assertThat(state.resolve("quarantine/log-1")).isDirectory();
  }

  /// Where a node's state stands, and its hash.
  private static String held(String node) {
    try {
      GetLedgerResponse ledger =
          CLUSTER.on(
              node,
              c ->
                  ReplicaServiceGrpc.newBlockingStub(c)
                      .getLedger(GetLedgerRequest.getDefaultInstance()));
      return ledger.getAppliedIndex() + " " + ledger.getStateHash();
    } catch (Refusal refusal) {
      return node + " does not answer";
    }
  }

  private static void truncateData(Path log) throws IOException {
    List<Path> data;
    try (var files = Files.list(log)) {
      data = files.filter(f -> f.toString().matches(".*\\.(log|sst)")).toList();
    }
    for (Path file : data) {
      try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(channel.size() / 2);
      }
    }
  }
}
