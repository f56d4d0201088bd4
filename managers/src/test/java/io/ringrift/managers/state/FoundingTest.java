package io.ringrift.managers.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.AddJob;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandBatch;
import io.ringrift.state.v1.Estate;
import io.ringrift.state.v1.SaveSnapshotRequest;
import io.ringrift.state.v1.SaveSnapshotResponse;
import io.ringrift.state.v1.SnapshotInfo;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.state.v1.TellEstateRequest;
import io.ringrift.state.v1.TellEstateResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How a new log's leader takes over what a voter brought along from another mode.
@Timeout(60)
final class FoundingTest {
  private static final NodeId VOTER = new NodeId("n2");
  private static final Epoch EPOCH = new Epoch(2);

  @TempDir private Path folder;

  private final ClusterStore store = new ClusterStore(new MemoryKeyValueStore());
  private final FakeLedger ledger = new FakeLedger(store);
  private final FakeConsensus consensus = new FakeConsensus(ledger);
  private final StateConfig config = StateConfig.defaults();
  private final CommandPipeline pipeline =
      new CommandPipeline(
          store,
          ledger,
          new CommandStamps(
              new LedgerClock(Ticker.system()),
              InstantSource.fixed(Instant.EPOCH),
              () -> "id",
              () -> 7,
              config),
          _ -> true,
          config);

  /// Time that each copy was given.
  private final List<Deadline> given = new CopyOnWriteArrayList<>();

  private final ByteString packed;
  private final SnapshotInfo info;

  /// Of the copies that are asked for, so many are cut off before their end.
  private volatile int cutOff;

  private Server server;
  private ManagedChannel channel;

  FoundingTest() {
    var former = new ClusterStore(new MemoryKeyValueStore());
    var job =
        Command.newBuilder().setEpoch(1).setAddJob(AddJob.newBuilder().setJobId("kept")).build();
    former.apply(
        List.of(
            Ledgers.open(1, 1, "n2"),
            Ledgers.found(1, 2),
            new LogEntry(
                new LogPosition(new Epoch(1), 3),
                LogEntry.Kind.COMMAND,
                CommandBatch.newBuilder().addCommands(job).build().toByteArray())));
    var export = former.export();
    packed = StateImage.pack(export.snapshot());
    info = SnapshotSender.info(export, packed, Timestamp.getDefaultInstance());
  }

  @BeforeEach
  void lead() throws IOException {
    String name = folder.toString();
    server = InProcessServerBuilder.forName(name).addService(new Former()).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
    consensus.voters = List.of(VOTER);
    ledger.immediate = true;
    ledger.openEpoch(EPOCH.value(), "n1");
    pipeline.open(EPOCH);
  }

  @AfterEach
  void end() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private void found() {
    new Founding(store, consensus, new Only(), pipeline, "raft lab#1", folder).run(EPOCH);
  }

  private boolean keeps() {
    return store.read(state -> state.jobs().get("kept") != null);
  }

  @Test
  void whatAVoterBroughtAlongIsTheStateAndItsCopyIsRemoved() throws IOException {
    found();
    assertThat(store.founded()).isTrue();
    assertThat(keeps()).isTrue();
    try (var left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  /// A state of some hundred megabytes takes minutes over a slow line.
  @Test
  void aCopyMayTakeMinutes() {
    found();
    assertThat(given)
        .singleElement()
        .satisfies(
            deadline -> assertThat(deadline.timeRemaining(TimeUnit.SECONDS)).isGreaterThan(120));
  }

  @Test
  void aCopyThatIsCutOffFoundsNothingAndIsMadeAgain() {
    cutOff = 2;
    found();
    assertThat(given).hasSize(3);
    assertThat(keeps()).isTrue();
  }

  /// A voter that brought that state along.
  private final class Former extends StateServiceGrpc.StateServiceImplBase {
    @Override
    public void tellEstate(TellEstateRequest request, StreamObserver<TellEstateResponse> to) {
      var estate = Estate.newBuilder().setState(Estate.State.STATE_PRESENT).setInfo(info);
      to.onNext(TellEstateResponse.newBuilder().setEstate(estate).build());
      to.onCompleted();
    }

    @Override
    public void saveSnapshot(SaveSnapshotRequest request, StreamObserver<SaveSnapshotResponse> to) {
      given.add(Objects.requireNonNull(Context.current().getDeadline()));
      assertThat(store.founded()).isFalse();
      boolean whole = cutOff == 0;
      cutOff = Math.max(0, cutOff - 1);
      to.onNext(SaveSnapshotResponse.newBuilder().setInfo(info).build());
      to.onNext(
          SaveSnapshotResponse.newBuilder()
              .setData(whole ? packed : packed.substring(0, packed.size() / 2))
              .build());
      to.onCompleted();
    }
  }

  private final class Only implements Services {
    @Override
    public NodeId self() {
      return new NodeId("n1");
    }

    @Override
    public Channel local() {
      return channel;
    }

    @Override
    public Channel on(NodeId node) {
      return channel;
    }

    @Override
    public Channel onLeader() {
      return channel;
    }
  }
}
