package io.ringrift.managers.training;

import io.grpc.StatusRuntimeException;
import io.ringrift.common.v1.Fence;
import io.ringrift.job.v1.InputFile;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.placement.v1.ListNodesRequest;
import io.ringrift.placement.v1.NodeView;
import io.ringrift.placement.v1.PlacementServiceGrpc;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.queue.v1.WorkSpec;
import io.ringrift.rating.v1.Match;
import io.ringrift.state.v1.AddWork;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.CancelWork;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.ReadLearningRequest;
import io.ringrift.state.v1.ReadLearningResponse;
import io.ringrift.state.v1.ReadMatchesRequest;
import io.ringrift.state.v1.ReadWorkRequest;
import io.ringrift.state.v1.RecordMatches;
import io.ringrift.state.v1.StateServiceGrpc;
import io.ringrift.sync.v1.ClusterFile;
import io.ringrift.sync.v1.ListClusterFilesRequest;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// What the loops of learning ask of this node's other services. Calls block, at most the deadline.
final class LearningClient {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  /// Manifests may have to be collected first.
  private static final Duration COLLECTING = Duration.ofSeconds(60);

  private static final int MATCHES_OF_AN_ENTRY = 200;

  private final Services services;

  LearningClient(Services services) {
    this.services = services;
  }

  private StateServiceGrpc.StateServiceBlockingStub state() {
    return StateServiceGrpc.newBlockingStub(services.local()).withDeadlineAfter(DEADLINE);
  }

  /// Puts a command through the ledger in this epoch and no other.
  ///
  /// @throws Refusal STALE_EPOCH once another leader has begun, or the state's own refusal
  CommandResult apply(Epoch epoch, Command.Builder command) {
    return told(
        () ->
            state()
                .applyCommand(
                    ApplyCommandRequest.newBuilder()
                        .setFence(Fence.newBuilder().setEpoch(epoch.value()))
                        .setCommand(command)
                        .build())
                .getResult());
  }

  ReadLearningResponse learning(ReadLearningRequest.Builder request) {
    return told(() -> state().readLearning(request.build()));
  }

  Optional<WorkItem> item(String workId) {
    return items(workId).stream().filter(one -> one.getWorkId().equals(workId)).findFirst();
  }

  /// Items whose id begins so.
  List<WorkItem> items(String prefix) {
    return told(
        () ->
            state()
                .readWork(ReadWorkRequest.newBuilder().setIdPrefix(prefix).build())
                .getItemsList());
  }

  List<Match> matches(String configKey, String participant, int limit) {
    return told(
        () ->
            state()
                .readMatches(
                    ReadMatchesRequest.newBuilder()
                        .setConfigKey(configKey)
                        .setParticipant(participant)
                        .setRatedOnly(true)
                        .setLimit(limit)
                        .build())
                .getMatchesList());
  }

  /// Adds one item under an id of its own; an id that is taken is refused.
  void submit(Epoch epoch, String workId, WorkSpec spec) {
    apply(
        epoch,
        Command.newBuilder()
            .setAddWork(AddWork.newBuilder().addWorkIds(workId).addItems(spec).setForce(true)));
  }

  /// Puts matches into the set.
  ///
  /// @return how many were not there before
  int record(Epoch epoch, List<Match> matches) {
    int added = 0;
    for (int from = 0; from < matches.size(); from += MATCHES_OF_AN_ENTRY) {
      var some = matches.subList(from, Math.min(matches.size(), from + MATCHES_OF_AN_ENTRY));
      var command =
          Command.newBuilder().setRecordMatches(RecordMatches.newBuilder().addAllMatches(some));
      added += apply(epoch, command).getAdded();
    }
    return added;
  }

  /// Cancels an item, unless it has ended meanwhile.
  void cancel(Epoch epoch, String workId) {
    try {
      apply(epoch, Command.newBuilder().setCancelWork(CancelWork.newBuilder().setWorkId(workId)));
    } catch (Refusal refusal) {
      if (refusal.reason() != Reason.ILLEGAL_TRANSITION) {
        throw refusal;
      }
    }
  }

  /// Game files of a configuration that the cluster holds, each content once, under the first of
  /// its names.
  List<ClusterFile> gameFiles(String configKey) {
    var seen = new HashSet<String>();
    return told(
        () ->
            SyncServiceGrpc.newBlockingStub(services.local())
                .withDeadlineAfter(COLLECTING)
                .listClusterFiles(
                    ListClusterFilesRequest.newBuilder()
                        .setFileType("selfplay")
                        .setConfigKey(configKey)
                        .build())
                .getFilesList()
                .stream()
                .filter(file -> seen.add(file.getEntry().getSha256()))
                .toList());
  }

  List<NodeView> nodes() {
    return told(
        () ->
            PlacementServiceGrpc.newBlockingStub(services.local())
                .withDeadlineAfter(DEADLINE)
                .listNodes(ListNodesRequest.getDefaultInstance())
                .getNodesList());
  }

  /// An order for a board of this configuration.
  static JobSpec.Builder job(String configKey, String workload, long seed) {
    int place = configKey.lastIndexOf('_');
    return JobSpec.newBuilder()
        .setWorkload(workload)
        .setBoardType(configKey.substring(0, place))
        .setNumPlayers(configKey.charAt(place + 1) - '0')
        .setSeed(seed);
  }

  static InputFile input(String path, String sha256) {
    return InputFile.newBuilder().setPath(path).setSha256(sha256).build();
  }

  private static <T> T told(Supplier<T> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }
}
