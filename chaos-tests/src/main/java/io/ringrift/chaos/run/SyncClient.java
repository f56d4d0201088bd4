package io.ringrift.chaos.run;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.Kind;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.sync.v1.FailedFile;
import io.ringrift.sync.v1.FetchFilesRequest;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.RunSyncRequest;
import io.ringrift.sync.v1.RunSyncResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.sync.v1.Transfer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Asks for sync in two ways: the leader for everything that is missing anywhere, and one node for
/// one file. One thread for each way; `close` is for any and ends calls on their way.
final class SyncClient implements AutoCloseable {
  private static final Duration RUN = Duration.ofSeconds(4);
  private static final Duration FETCH = Duration.ofSeconds(3);

  /// Nothing was moved for this call.
  private static final Set<Reason> NOT_DONE =
      Set.of(Reason.SYNC_IN_PROGRESS, Reason.NOT_LEADER, Reason.NO_QUORUM, Reason.MODE_SWITCH);

  private final History history;
  private final Arrivals arrivals;
  private final SplittableRandom random;
  private final Supplier<Optional<String>> leader;
  private final Map<String, ManagedChannel> channels = new LinkedHashMap<>();
  private int runs;

  /// Told of each copy that was promised.
  @FunctionalInterface
  interface Arrivals {
    void told(String node, String path);
  }

  /// @param leader who says that it leads
  SyncClient(
      Map<String, Endpoint> nodes,
      Supplier<Optional<String>> leader,
      History history,
      Arrivals arrivals,
      SplittableRandom random) {
    this.leader = leader;
    this.history = history;
    this.arrivals = arrivals;
    this.random = random;
    nodes.forEach(
        (node, at) ->
            channels.put(
                node, NettyChannelBuilder.forAddress(at.host(), at.port()).usePlaintext().build()));
  }

  /// As `sync run`: ok when everything that it planned has moved and was verified. Its plan knows
  /// those that the leader held for alive, that told their files, and that have room.
  void run() {
    runs++;
    String id = "sync-run-" + runs;
    String node = leader.get().orElseGet(() -> channels.keySet().iterator().next());
    var call =
        history.invoke(
            History.ask("sync-run", Kind.SYNC, "").withRequest(id).withArgument("all files"));
    try {
      var request = RunSyncRequest.newBuilder().setRequestId(id).setWait(true).build();
      RunSyncResponse told =
          SyncServiceGrpc.newBlockingStub(channel(node))
              .withDeadlineAfter(RUN.toMillis(), TimeUnit.MILLISECONDS)
              .runSync(request);
      if (told.getSuccess()) {
        for (Transfer transfer : told.getPlan().getTransfersList()) {
          transfer
              .getFilesList()
              .forEach(file -> arrivals.told(transfer.getTargetNodeId(), file.getPath()));
        }
        call.ok(new Answer("", "", 0, "", told.getFilesCompleted() + " files moved"));
      } else {
        call.unknown(told.getFailedCount() + " copies failed: " + failure(told.getFailedList()));
      }
    } catch (StatusRuntimeException e) {
      end(call, Errors.fromStatus(e));
    }
  }

  /// Brings one of these files to one node; ok when the node says that it is there.
  void fetch(List<OfferedFile> offered) {
    if (offered.isEmpty()) {
      return;
    }
    OfferedFile file = offered.get(random.nextInt(offered.size()));
    var names = List.copyOf(channels.keySet());
    String node = names.get(random.nextInt(names.size()));
    var call =
        history.invoke(
            History.ask("sync-fetch", Kind.SYNC, file.path())
                .withNode(node)
                .withArgument("one file"));
    try {
      var told =
          SyncServiceGrpc.newBlockingStub(channel(node))
              .withDeadlineAfter(FETCH.toMillis(), TimeUnit.MILLISECONDS)
              .fetchFiles(
                  FetchFilesRequest.newBuilder()
                      .addFiles(
                          FileEntry.newBuilder().setPath(file.path()).setSha256(file.sha256()))
                      .build());
      if (told.getFailedCount() == 0) {
        call.ok(Answer.done(file.path()));
      } else {
        call.unknown(failure(told.getFailedList()));
      }
    } catch (StatusRuntimeException e) {
      end(call, Errors.fromStatus(e));
    }
  }

  private ManagedChannel channel(String node) {
    return Objects.requireNonNull(channels.get(node), node);
  }

  private static String failure(List<FailedFile> failed) {
    return failed.isEmpty()
        ? "no reason was told"
        : failed.getFirst().getReason() + ": " + failed.getFirst().getDetail();
  }

  private static void end(History.Call call, Refusal refusal) {
    if (NOT_DONE.contains(refusal.reason())) {
      call.fail(refusal.reason().name());
    } else {
      call.unknown(refusal.reason() + ": " + refusal.text());
    }
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
