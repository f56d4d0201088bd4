package io.ringrift.managers.state;

import io.grpc.stub.StreamObserver;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.sync.v1.CheckCopiesRequest;
import io.ringrift.sync.v1.CheckCopiesResponse;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.sync.v1.TooFewCopies;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Data sync as far as scaling asks it: all nodes may go but these.
final class SpareNodes extends SyncServiceGrpc.SyncServiceImplBase {
  /// Hold what others do not.
  final Set<String> needed = ConcurrentHashMap.newKeySet();

  /// Do not tell what they hold.
  final Set<String> silent = ConcurrentHashMap.newKeySet();

  @Override
  public void checkCopies(
      CheckCopiesRequest request, StreamObserver<CheckCopiesResponse> observer) {
    if (silent.contains(request.getNodeId())) {
      throw new Refusal(Reason.UNREACHABLE, "nobody knows what it holds");
    }
    var answer = CheckCopiesResponse.newBuilder().setNodeId(request.getNodeId()).setFiles(3);
    if (needed.contains(request.getNodeId())) {
      answer.setTotalTooFew(1).addTooFew(TooFewCopies.newBuilder().setPath("games/x.db"));
    }
    observer.onNext(answer.setSpare(answer.getTotalTooFew() == 0).build());
    observer.onCompleted();
  }
}
