package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.grpc.Channel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.Services;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.GetManifestRequest;
import io.ringrift.sync.v1.GetManifestResponse;
import io.ringrift.sync.v1.Manifest;
import io.ringrift.sync.v1.SyncServiceGrpc.SyncServiceImplBase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// The leader's collection of a manifest from a node whose clock is ahead.
final class CollectedClocksTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final NodeId FAST = new NodeId("fast");

  /// Its clock is five minutes ahead, its file twenty seconds old.
  private static final class Fast extends SyncServiceImplBase {
    @Override
    public void getManifest(
        GetManifestRequest request, StreamObserver<GetManifestResponse> observer) {
      var manifest =
          Manifest.newBuilder()
              .setNodeId(FAST.value())
              .setCollectTime(seconds(NOW.plusSeconds(300)))
              .addFiles(
                  FileEntry.newBuilder()
                      .setPath("selfplay/hex5_2p/x.db")
                      .setSha256("0".repeat(64))
                      .setModifiedTime(seconds(NOW.plusSeconds(280))));
      observer.onNext(GetManifestResponse.newBuilder().setManifest(manifest).build());
      observer.onCompleted();
    }
  }

  private static Timestamp seconds(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).build();
  }

  @Test
  void fileTimesAreToldByTheLeadersClock() throws Exception {
    String address = InProcessServerBuilder.generateName();
    var server = InProcessServerBuilder.forName(address).addService(new Fast()).build().start();
    var channel = InProcessChannelBuilder.forName(address).build();
    try {
      var collection =
          new ManifestCollection(
              new Reached(channel),
              new One(),
              Duration.ofSeconds(20),
              new SyncCounters(() -> new Moment(0)),
              () -> NOW);
      var manifest = collection.collect().manifests().get(FAST);
      assertThat(manifest).isNotNull();
      assertThat(manifest == null ? null : manifest.getFiles(0).getModifiedTime())
          .isEqualTo(seconds(NOW.minusSeconds(20)));
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  private record Reached(Channel channel) implements Services {
    @Override
    public NodeId self() {
      return new NodeId("leader");
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

  private static final class One implements Membership {
    @Override
    public List<Member> members() {
      return List.of(
          new Member(
              FAST,
              new BootId(1),
              Incarnation.ZERO,
              MemberState.ALIVE,
              Optional.empty(),
              false,
              false,
              Moment.MIN,
              false,
              0));
    }

    @Override
    public AutoCloseable subscribe(Consumer<MembershipEvent> subscriber) {
      return () -> {};
    }

    @Override
    public void leave() {}

    @Override
    public void close() {}
  }
}
