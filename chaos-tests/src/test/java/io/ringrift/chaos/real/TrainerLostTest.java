package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.ringrift.job.v1.InputFile;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.JobState;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.queue.v1.WorkState;
import io.ringrift.sync.v1.ClusterFile;
import io.ringrift.sync.v1.ListClusterFilesRequest;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A machine is lost in the middle of a training, with its node and the trainer.
@Timeout(180)
class TrainerLostTest {
  @RegisterExtension static final RealCluster CLUSTER = new RealCluster();

  private static final String CONFIG = "hex5_2p";

  private final Jobs jobs = new Jobs(CLUSTER);

  @Test
  void anotherNodeGoesOnFromTheLastCheckpointThatWasCopied()
      throws IOException, InterruptedException {
    InputFile games = playedGames();
    Path gate = CLUSTER.scratch().resolve("gate");
    String id = jobs.submit(training(games, gate)).getWorkId();
    soon().until(() -> Scripts.started(gate).size() == 2);
    String lost = jobs.work(id).getClaimedBy();
    awaitEverywhere(path -> path.startsWith("training/" + CONFIG) && path.endsWith(".checkpoint"));

    CLUSTER.local().kill(lost);
    for (long pid : Scripts.started(gate)) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    WorkItem done = jobs.awaitWork(id, WorkState.WORK_STATE_COMPLETED);
    assertThat(done.getAttempts()).isGreaterThan(1);
    assertThat(done.getClaimedBy()).isNotEqualTo(lost);
    assertThat(done.getOutput()).containsPattern("\"epochs_before\":([3-9]|[1-5][0-9])");
  }

  private static WorkSpec.Builder training(InputFile games, Path gate) {
    return WorkSpec.newBuilder()
        .setWorkType("training")
        .setMaxAttempts(3)
        .setClaimLease(Duration.newBuilder().setSeconds(5))
        .setJob(
            JobSpec.newBuilder()
                .setWorkload(Scripts.TRAIN_STOPS)
                .setBoardType("hex5")
                .setNumPlayers(2)
                .setSeed(7)
                .addInputs(games)
                .putParams("gate", gate.toString()));
  }

  /// Games that every node has.
  private InputFile playedGames() {
    String played =
        jobs.spawn(
            JobSpec.newBuilder()
                .setWorkload("hex-selfplay")
                .setBoardType("hex5")
                .setNumPlayers(2)
                .setNumGames(60)
                .setEngineMode("heuristic")
                .build());
    jobs.await(played, JobState.JOB_STATE_COMPLETE);
    var file = awaitEverywhere(path -> path.startsWith("selfplay/" + CONFIG));
    return InputFile.newBuilder()
        .setPath(file.getEntry().getPath())
        .setSha256(file.getEntry().getSha256())
        .build();
  }

  private ClusterFile awaitEverywhere(Predicate<String> which) {
    return soon()
        .until(
            () ->
                files().stream()
                    .filter(f -> which.test(f.getEntry().getPath()))
                    .filter(f -> f.getNodeIdsCount() == CLUSTER.nodes().size())
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private static List<ClusterFile> files() {
    var request = ListClusterFilesRequest.newBuilder().setConfigKey(CONFIG).build();
    return CLUSTER
        .call(c -> SyncServiceGrpc.newBlockingStub(c).listClusterFiles(request))
        .getFilesList();
  }
}
