package io.ringrift.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Fence;
import io.ringrift.kernel.FreePorts;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.kernel.consensus.raft.RaftStatus;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.kernel.wire.NonBlocking;
import io.ringrift.ledger.v1.ExchangeRequest;
import io.ringrift.ledger.v1.ExchangeResponse;
import io.ringrift.ledger.v1.ReplicaServiceGrpc;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
final class KernelBootTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final Endpoint HERE = new Endpoint("kernel-boot-test", 1);

  @TempDir Path root;

  private KernelConfig config(
      Optional<Endpoint> advertise,
      List<Voter> voters,
      MembershipMode membership,
      ConsensusMode consensus,
      Timing timing) {
    return config(
        advertise, voters, KernelConfig.Succession.CONFIGURED, membership, consensus, timing);
  }

  private KernelConfig config(
      Optional<Endpoint> advertise,
      List<Voter> voters,
      KernelConfig.Succession succession,
      MembershipMode membership,
      ConsensusMode consensus,
      Timing timing) {
    return new KernelConfig(
        "c",
        "c",
        N1,
        new BootId(1),
        advertise,
        voters,
        succession,
        List.of(),
        membership,
        consensus,
        timing,
        new KernelConfig.Raft(
            "127.0.0.1", FreePorts.one(), Duration.ofMillis(500), 1000, Optional.empty()),
        new KernelConfig.Swim(
            "127.0.0.1",
            KernelConfig.Swim.DEFAULT_PORT,
            KernelConfig.Swim.DEFAULT_PORT,
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty()),
        root);
  }

  private KernelConfig standalone(MembershipMode membership, ConsensusMode consensus) {
    return config(Optional.of(HERE), List.of(), membership, consensus, Timing.local());
  }

  private static Ports ports(StateFolder folder) {
    return new Ports(
        folder,
        Ticker.system(),
        endpoint -> InProcessChannelBuilder.forName(endpoint.toString()).build(),
        new NoMachine(),
        (_, _, _) -> {},
        new SimpleMeterRegistry(),
        () -> InProcessChannelBuilder.forName("self").build(),
        Instant.EPOCH,
        () -> {});
  }

  private void refused(KernelConfig config, String... words) {
    try (var folder = StateFolder.open(root, "c", N1)) {
      assertThatThrownBy(() -> KernelBoot.open(config, ports(folder)))
          .isInstanceOf(Refusal.class)
          .hasMessageContainingAll(words);
    }
  }

  @ParameterizedTest
  @EnumSource(ConsensusMode.class)
  void aNodeWithoutVotersLeadsItself(ConsensusMode mode) {
    try (var folder = StateFolder.open(root, "c", N1);
        var kernel = KernelBoot.open(standalone(MembershipMode.HTTP, mode), ports(folder))) {
      assertThat(kernel.consensus().voters()).containsExactly(N1);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> kernel.consensus().leadsNow(kernel.consensus().leadership().epoch()));
      assertThat(kernel.services()).hasSize(mode == ConsensusMode.BULLY ? 4 : 3);
      assertThat(kernel.raft().get().map(RaftStatus::leads))
          .isEqualTo(mode == ConsensusMode.BULLY ? Optional.empty() : Optional.of(true));
    }
  }

  @Test
  void aNodeThatIsNoVoterStartsAsAFollower() {
    var voter = new Voter(new NodeId("n9"), new Endpoint("nobody", 1), 0);
    try (var folder = StateFolder.open(root, "c", N1);
        var kernel =
            KernelBoot.open(
                config(
                    Optional.of(HERE),
                    List.of(voter),
                    MembershipMode.HTTP,
                    ConsensusMode.BULLY,
                    Timing.local()),
                ports(folder))) {
      assertThat(kernel.consensus().leadership().leader()).isEmpty();
      assertThatThrownBy(() -> kernel.consensus().stepDown("x")).hasMessageContaining("lead");
    }
  }

  @Test
  void theGreatestEpochSeenSurvivesARestart() {
    for (int boot = 0; boot < 2; boot++) {
      try (var folder = StateFolder.open(root, "c", N1);
          var kernel =
              KernelBoot.open(
                  standalone(MembershipMode.HTTP, ConsensusMode.BULLY), ports(folder))) {
        if (boot == 0) {
          kernel.fence().admit(new Fence(new Epoch(50), N1));
        }
        assertThatThrownBy(() -> kernel.fence().admit(new Fence(new Epoch(49), N1)))
            .hasMessageContaining("refused: epoch ");
      }
    }
  }

  @Test
  void theFenceKnowsWhatTheVoterPromisedWithoutAnyOrder() {
    try (var folder = StateFolder.open(root, "c", N1);
        var kernel =
            KernelBoot.open(standalone(MembershipMode.HTTP, ConsensusMode.BULLY), ports(folder))) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> kernel.consensus().leadership().leader().isPresent());
      Epoch led = kernel.consensus().leadership().epoch();
      assertThat(kernel.fence().greatest()).isGreaterThanOrEqualTo(led);
      assertThatThrownBy(() -> kernel.fence().admit(new Fence(new Epoch(led.value() - 1), N1)))
          .isInstanceOfSatisfying(
              Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.STALE_EPOCH));
    }
  }

  @Test
  void anAbsurdEpochIsNotRememberedAcrossARestart() {
    for (int boot = 0; boot < 2; boot++) {
      try (var folder = StateFolder.open(root, "c", N1);
          var kernel =
              KernelBoot.open(
                  standalone(MembershipMode.HTTP, ConsensusMode.BULLY), ports(folder))) {
        assertThatThrownBy(() -> kernel.fence().admit(new Fence(new Epoch(1L << 62), N1)))
            .hasMessageContaining("fence.epoch");
        assertThatThrownBy(() -> kernel.fence().admit(new Fence(new Epoch(60), new NodeId("x"))))
            .hasMessageContaining("fence.leader_id");
        assertThat(kernel.fence().greatest()).isLessThan(new Epoch(60));
      }
    }
  }

  /// What a voter of a later list says to the next, and what it takes.
  @Test
  void votersOfDifferentListsRefuseEachOther() throws Exception {
    var names = new LinkedBlockingQueue<String>();
    var next = new Endpoint("kernel-boot-next", 1);
    var server =
        InProcessServerBuilder.forName(next.toString())
            .directExecutor()
            .addService(new NamesOfSenders(names))
            .build()
            .start();
    var voters = List.of(new Voter(N1, HERE, 1), new Voter(new NodeId("n2"), next, 0));
    var third =
        config(
            Optional.of(HERE),
            voters,
            new KernelConfig.Succession(3, ""),
            MembershipMode.HTTP,
            ConsensusMode.BULLY,
            Timing.local());
    try (var folder = StateFolder.open(root, "c", N1);
        var kernel = KernelBoot.open(third, ports(folder))) {
      assertThat(names.poll(20, TimeUnit.SECONDS)).isEqualTo("c/voters-3");
      assertThat(kernel.guided(kernel.services()))
          .filteredOn(NonBlocking.class::isInstance)
          .hasSize(1);
      var own =
          kernel.services().stream()
              .filter(ReplicaServiceGrpc.ReplicaServiceImplBase.class::isInstance)
              .map(ReplicaServiceGrpc.ReplicaServiceImplBase.class::cast)
              .findFirst()
              .orElseThrow();
      var end = new CompletableFuture<Throwable>();
      own.exchange(new Ending<>(end))
          .onNext(ExchangeRequest.newBuilder().setClusterId("c").setFromNodeId("n2").build());
      assertThat(Errors.fromStatus((StatusRuntimeException) end.get(20, TimeUnit.SECONDS)).reason())
          .isEqualTo(Reason.WRONG_CLUSTER);
    } finally {
      server.shutdownNow().awaitTermination();
    }
  }

  /// The next voter's end of the stream: hears names and answers nothing.
  private static final class NamesOfSenders extends ReplicaServiceGrpc.ReplicaServiceImplBase {
    private final BlockingQueue<String> names;

    NamesOfSenders(BlockingQueue<String> names) {
      this.names = names;
    }

    @Override
    public StreamObserver<ExchangeRequest> exchange(StreamObserver<ExchangeResponse> reply) {
      return new StreamObserver<>() {
        @Override
        public void onNext(ExchangeRequest message) {
          names.add(message.getClusterId());
        }

        @Override
        public void onError(Throwable failure) {
          // The test is over.
        }

        @Override
        public void onCompleted() {
          reply.onCompleted();
        }
      };
    }
  }

  private record Ending<T>(CompletableFuture<Throwable> end) implements StreamObserver<T> {
    @Override
    public void onNext(T answer) {
      end.completeExceptionally(new AssertionError("taken: " + answer));
    }

    @Override
    public void onError(Throwable failure) {
      end.complete(failure);
    }

    @Override
    public void onCompleted() {
      end.completeExceptionally(new AssertionError("taken"));
    }
  }

  @Test
  void aNodeThatCanOnlyDialOutIsRefusedInModeSwim() {
    refused(
        config(
            Optional.empty(),
            List.of(new Voter(new NodeId("n2"), HERE, 0)),
            MembershipMode.SWIM,
            ConsensusMode.BULLY,
            Timing.local()),
        "RINGRIFT_MEMBERSHIP_MODE",
        "http or hybrid",
        "no advertised address");
  }

  @Test
  void everyFaultIsToldAtOnce() {
    var base = Timing.local();
    var timing =
        new Timing(
            base.lease(),
            base.lease(),
            base.heartbeat(),
            base.requestTimeout(),
            base.electionTimeout(),
            base.suspectAfter(),
            base.deadAfter(),
            base.retireAfter(),
            base.purgeAfter(),
            base.gossip(),
            900);
    var twice = new Voter(N1, HERE, 0);
    refused(
        config(
            Optional.empty(),
            List.of(twice, twice),
            MembershipMode.HTTP,
            ConsensusMode.BULLY,
            timing),
        "renew_interval",
        "max_drift_per_mille",
        "configured twice",
        "no advertised address");
  }

  /// Executes nothing.
  private static final class NoMachine implements StateMachine {
    private LogPosition applied = LogPosition.START;

    @Override
    public List<byte[]> apply(List<LogEntry> entries) {
      applied = entries.getLast().position();
      return entries.stream().map(_ -> new byte[0]).toList();
    }

    @Override
    public LogPosition applied() {
      return applied;
    }

    @Override
    public void snapshot(OutputStream out) {}

    @Override
    public void restore(LogPosition position, InputStream in) {
      applied = position;
    }

    @Override
    public String stateHash() {
      return "0";
    }

    @Override
    public void dropped(List<LogEntry> entries) {}
  }
}
