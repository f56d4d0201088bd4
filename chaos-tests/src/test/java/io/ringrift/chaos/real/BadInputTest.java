package io.ringrift.chaos.real;

import static io.ringrift.chaos.real.RealCluster.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.ringrift.job.v1.JobServiceGrpc;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.job.v1.SpawnJobRequest;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.placement.v1.SetDrainRequest;
import io.ringrift.sync.v1.ReadFileRequest;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What no node may do, asked of the leader's real port: refused with the right status and reason,
/// and without a trace in the log; the port serves on.
@Timeout(180)
class BadInputTest {
  @RegisterExtension static final RealCluster CLUSTER = new RealCluster();

  private static final int TOO_MUCH = 20 << 20;

  private String leader = "";
  private int jobsBefore;
  private final Jobs jobs = new Jobs(CLUSTER);

  @BeforeEach
  void count() {
    leader = CLUSTER.leader();
    jobsBefore = jobs.all().size();
  }

  @AfterEach
  void servesOnWithoutATrace() {
    assertThat(http().get("/status").status()).isEqualTo(200);
    assertThat(jobs.all()).hasSize(jobsBefore);
  }

  private Http http() {
    return new Http(CLUSTER.local().address(leader));
  }

  private static void refused(Http.Reply reply, int status, String reason, String named) {
    assertThat(reply.text("error_code")).as("%s", reply).isEqualTo(reason);
    assertThat(reply.text("error")).contains(named);
    assertThat(reply.status()).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"board_type\":\"hex99\"}                 | INVALID_ARGUMENT | 400 | hex99",
        "{\"engine_mode\":\"psychic\"}              | INVALID_ARGUMENT | 400 | psychic",
        "{\"num_games\":0}                          | INVALID_ARGUMENT | 400 | num_games",
        "{\"num_games\":1000000000}                 | INVALID_ARGUMENT | 400 | num_games",
        "{\"num_games\":\"many\"}                   | INVALID_ARGUMENT | 400 | many",
        "{\"num_players\":1}                        | INVALID_ARGUMENT | 400 | num_players",
        "{\"target_node_id\":\"n99\"}               | NODE_NOT_FOUND   | 404 | n99",
        "{\"bord_type\":\"hex8\"}                   | INVALID_ARGUMENT | 400 | bord_type",
        "{\"board_type\":                           | INVALID_ARGUMENT | 400 | ",
        "[1,2]                                      | INVALID_ARGUMENT | 400 | "
      })
  void selfplayThatCannotBeIsRefusedByName(String body, String reason, int status, String named) {
    refused(http().post("/spawn/selfplay", body), status, reason, named == null ? "" : named);
  }

  @Test
  void unknownWorkloadIsRefusedByName() {
    var reply = http().post("/v1/jobs", "{\"spec\":{\"workload\":\"nonesuch\"}}");
    refused(reply, 404, "WORKLOAD_NOT_FOUND", "nonesuch");
  }

  @Test
  void jobThatLeavesOpenWhatItsWorkloadNeedsIsRefused() {
    var reply = http().post("/v1/jobs", "{\"spec\":{\"workload\":\"gated\"}}");
    refused(reply, 400, "INVALID_ARGUMENT", "gate");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/jobs/nonesuch", "/v1/jobs/nonesuch:explain"})
  void unknownJobIsNotFound(String path) {
    refused(http().get(path), 404, "JOB_NOT_FOUND", "nonesuch");
  }

  @Test
  void unknownJobCannotBeCancelled() {
    refused(http().post("/v1/jobs/nonesuch:cancel", "{}"), 404, "JOB_NOT_FOUND", "nonesuch");
  }

  @Test
  void unknownNodeCannotBeDrained() {
    refused(http().post("/v1/nodes/n99:drain", "{\"drain\":true}"), 404, "NODE_NOT_FOUND", "n99");
  }

  @Test
  void oversizedJsonIsRefused() {
    var reply = http().post("/spawn/selfplay", "\"" + "x".repeat(TOO_MUCH) + "\"");
    assertThat(reply.status()).as("%s", reply).isIn(0, 413);
  }

  /// On a raw channel: the client of the command line would follow and repeat.
  private StatusRuntimeException failure(Consumer<Channel> call) {
    var thrown =
        catchThrowableOfType(StatusRuntimeException.class, () -> CLUSTER.plain(leader, call));
    assertThat(thrown).as("refused").isNotNull();
    return thrown;
  }

  private Refusal refusalOf(Consumer<Channel> call) {
    return Errors.fromStatus(failure(call));
  }

  @Test
  void oversizedMessageIsRefused() {
    var spec = JobSpec.newBuilder().setWorkload("x".repeat(TOO_MUCH));
    var request = SpawnJobRequest.newBuilder().setRequestId("big").setSpec(spec).build();
    var thrown =
        failure(
            c -> {
              var _ = JobServiceGrpc.newBlockingStub(c).spawnJob(request);
            });
    assertThat(thrown.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void bytesThatAreNoMessageAreRefused() {
    var method =
        JobServiceGrpc.getSpawnJobMethod().toBuilder(
                new Bytes(), JobServiceGrpc.getSpawnJobMethod().getResponseMarshaller())
            .build();
    byte[] noise = {10, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1, 2, 3};
    var status =
        failure(
                c -> {
                  var _ = ClientCalls.blockingUnaryCall(c, method, CallOptions.DEFAULT, noise);
                })
            .getStatus();
    assertThat(status.getCode()).as("as every gRPC server says it").isEqualTo(Status.Code.INTERNAL);
    assertThat(status.getDescription()).contains("Invalid protobuf");
  }

  /// Sends bytes as they are.
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new AssertionError("nothing is answered in bytes");
    }
  }

  @Test
  void requestIdReusedWithAnotherBodyIsRefused() {
    var lift = SetDrainRequest.newBuilder().setNodeId(leader);
    var first = lift.clone().setDrain(true).setRequestId(UUID.randomUUID().toString()).build();
    var other = first.toBuilder().setDrain(false).build();
    try {
      assertThat(refusalOf(c -> drain(c, first, first, other)).reason())
          .isEqualTo(Reason.REQUEST_ID_REUSED);
    } finally {
      CLUSTER.plain(leader, c -> drain(c, lift.setRequestId(UUID.randomUUID().toString()).build()));
    }
  }

  private static void drain(Channel channel, SetDrainRequest... requests) {
    for (SetDrainRequest request : requests) {
      var _ = PlacementServiceGrpc.newBlockingStub(channel).setDrain(request);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../identity",
        "selfplay/../../state/identity.db",
        "/etc/passwd",
        "selfplay//etc/passwd.db",
        "selfplay/%2e%2e/x.db"
      })
  void pathThatLeavesTheDataRootIsNeitherPulledNorRead(String path) {
    String source = CLUSTER.follower();
    refused(
        http()
            .post(
                "/sync/pull",
                "{\"source_node_id\":\"%s\",\"files\":[\"%s\"]}".formatted(source, path)),
        400,
        "PATH_OUTSIDE_ROOT",
        path);
    refused(
        http()
            .post(
                "/v1/sync:fetch",
                "{\"files\":[{\"path\":\"%s\",\"sha256\":\"%s\"}]}"
                    .formatted(path, "ab".repeat(32))),
        400,
        "PATH_OUTSIDE_ROOT",
        path);
    assertThat(readFile(path).reason()).isEqualTo(Reason.PATH_OUTSIDE_ROOT);
  }

  @Test
  void linkInTheDataRootIsNotRead() throws IOException {
    Path secret = Files.writeString(CLUSTER.scratch().resolve("secret"), "secret");
    Path folder = Files.createDirectories(CLUSTER.local().dataRoot(leader).resolve("selfplay"));
    Path link = Files.createSymbolicLink(folder.resolve("link.db"), secret);
    try {
      assertThat(readFile("selfplay/link.db").reason()).isEqualTo(Reason.PATH_OUTSIDE_ROOT);
      soon().until(() -> http().get("/sync/manifest?refresh=true").status() == 200);
      assertThat(http().get("/sync/manifest").body().toString()).doesNotContain("link.db");
    } finally {
      Files.delete(link);
    }
  }

  private Refusal readFile(String path) {
    return refusalOf(
        c -> {
          var request = ReadFileRequest.newBuilder().setPath(path).build();
          var _ = SyncServiceGrpc.newBlockingStub(c).readFile(request).next();
        });
  }
}
