package io.ringrift.managers.sync;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.Replies;
import io.ringrift.sync.v1.CheckCopiesRequest;
import io.ringrift.sync.v1.CheckCopiesResponse;
import io.ringrift.sync.v1.CollectGarbageRequest;
import io.ringrift.sync.v1.CollectGarbageResponse;
import io.ringrift.sync.v1.FetchFilesRequest;
import io.ringrift.sync.v1.FetchFilesResponse;
import io.ringrift.sync.v1.GetManifestRequest;
import io.ringrift.sync.v1.GetManifestResponse;
import io.ringrift.sync.v1.GetSyncStatusRequest;
import io.ringrift.sync.v1.GetSyncStatusResponse;
import io.ringrift.sync.v1.HaveFilesRequest;
import io.ringrift.sync.v1.HaveFilesResponse;
import io.ringrift.sync.v1.ListClusterFilesRequest;
import io.ringrift.sync.v1.ListClusterFilesResponse;
import io.ringrift.sync.v1.Manifest;
import io.ringrift.sync.v1.PlanSyncRequest;
import io.ringrift.sync.v1.PlanSyncResponse;
import io.ringrift.sync.v1.PullFilesRequest;
import io.ringrift.sync.v1.PullFilesResponse;
import io.ringrift.sync.v1.ReadFileRequest;
import io.ringrift.sync.v1.ReadFileResponse;
import io.ringrift.sync.v1.ReadFilesRequest;
import io.ringrift.sync.v1.ReadFilesResponse;
import io.ringrift.sync.v1.RunSyncRequest;
import io.ringrift.sync.v1.RunSyncResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.sync.v1.VerifyFilesRequest;
import io.ringrift.sync.v1.VerifyFilesResponse;

/// SyncService: the calls, each led to the part that answers it.
final class SyncRpc extends SyncServiceGrpc.SyncServiceImplBase {
  private final ManifestScanner scanner;
  private final SyncLeader leader;
  private final FilePuller puller;
  private final Senders senders;
  private final ClusterVerification verification;
  private final Named named;
  private final GarbageRounds garbage;

  /// The parts that answer for files named by path and hash, and for those of all nodes.
  record Named(
      HeldFiles held,
      FileFetcher fetcher,
      ClusterFiles cluster,
      BadSources bad,
      Leftovers leftovers) {}

  /// The parts that send, a file or a pack of small ones.
  record Senders(FileSender file, PackSender pack) {}

  SyncRpc(
      ManifestScanner scanner,
      SyncLeader leader,
      FilePuller puller,
      Senders senders,
      ClusterVerification verification,
      Named named,
      GarbageRounds garbage) {
    this.scanner = scanner;
    this.leader = leader;
    this.puller = puller;
    this.senders = senders;
    this.verification = verification;
    this.named = named;
    this.garbage = garbage;
  }

  /// A blocking answer that may be interrupted by the end of the node.
  private interface Answer<T> {
    T get() throws InterruptedException;
  }

  private static <T> void answer(StreamObserver<T> observer, Answer<T> answer) {
    Replies.unary(
        observer,
        () -> {
          try {
            return answer.get();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal(
                Reason.SHUTTING_DOWN, "the node or the caller gave up meanwhile; ask again", e);
          }
        });
  }

  @Override
  public void getManifest(
      GetManifestRequest request, StreamObserver<GetManifestResponse> observer) {
    answer(
        observer,
        () -> {
          Manifest manifest = scanner.scan();
          boolean unchanged = manifest.getDigest().equals(request.getKnownDigest());
          return GetManifestResponse.newBuilder()
              .setNodeId(manifest.getNodeId())
              .setManifest(unchanged ? manifest.toBuilder().clearFiles().build() : manifest)
              .setUnchanged(unchanged)
              .build();
        });
  }

  @Override
  public void planSync(PlanSyncRequest request, StreamObserver<PlanSyncResponse> observer) {
    answer(
        observer,
        () -> PlanSyncResponse.newBuilder().setPlan(leader.plan(request.getPageToken())).build());
  }

  @Override
  public void runSync(RunSyncRequest request, StreamObserver<RunSyncResponse> observer) {
    answer(observer, () -> leader.run(request));
  }

  @Override
  public void getSyncStatus(
      GetSyncStatusRequest request, StreamObserver<GetSyncStatusResponse> observer) {
    answer(
        observer,
        () -> {
          var left = named.leftovers().sum();
          return leader.status().toBuilder()
              .addAllCorruptSources(named.bad().told())
              .setPartialFiles(left.files())
              .setPartialBytes(left.bytes())
              .build();
        });
  }

  @Override
  public void pullFiles(PullFilesRequest request, StreamObserver<PullFilesResponse> observer) {
    answer(observer, () -> puller.pull(request));
  }

  @Override
  public void readFile(ReadFileRequest request, StreamObserver<ReadFileResponse> observer) {
    senders.file().send(request, (ServerCallStreamObserver<ReadFileResponse>) observer);
  }

  @Override
  public void readFiles(ReadFilesRequest request, StreamObserver<ReadFilesResponse> observer) {
    senders.pack().send(request, (ServerCallStreamObserver<ReadFilesResponse>) observer);
  }

  @Override
  public void verifyFiles(
      VerifyFilesRequest request, StreamObserver<VerifyFilesResponse> observer) {
    answer(observer, () -> verification.verify(request.getCluster()));
  }

  @Override
  public void haveFiles(HaveFilesRequest request, StreamObserver<HaveFilesResponse> observer) {
    answer(observer, () -> named.held().have(request));
  }

  @Override
  public void fetchFiles(FetchFilesRequest request, StreamObserver<FetchFilesResponse> observer) {
    answer(observer, () -> named.fetcher().fetch(request));
  }

  @Override
  public void listClusterFiles(
      ListClusterFilesRequest request, StreamObserver<ListClusterFilesResponse> observer) {
    answer(observer, () -> named.cluster().list(request));
  }

  @Override
  public void checkCopies(
      CheckCopiesRequest request, StreamObserver<CheckCopiesResponse> observer) {
    answer(observer, () -> named.cluster().copies(request));
  }

  @Override
  public void collectGarbage(
      CollectGarbageRequest request, StreamObserver<CollectGarbageResponse> observer) {
    answer(observer, () -> garbage.collect(request));
  }
}
