package io.ringrift.managers.sync;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.HaveFilesRequest;
import io.ringrift.sync.v1.SyncServiceGrpc;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Asks other nodes which files they hold, by path and hash. Who does not answer in time holds
/// nothing. Blocks; safe for any thread.
final class Confirmations {
  private static final int MOST_AT_ONCE = 500;

  private final Services services;
  private final Membership membership;
  private final Duration timeout;

  Confirmations(Services services, Membership membership, Duration timeout) {
    this.services = services;
    this.membership = membership;
    this.timeout = timeout;
  }

  List<NodeId> others() {
    return membership.members().stream()
        .filter(Member::alive)
        .map(Member::id)
        .filter(id -> !id.equals(services.self()))
        .sorted()
        .toList();
  }

  /// @param keep the nodes read the files again and promise to keep them
  /// @return holders by path; a path without any is missing
  Map<String, SortedSet<NodeId>> holders(
      Collection<NodeId> nodes, List<Content> files, boolean keep) throws InterruptedException {
    var holders = new TreeMap<String, SortedSet<NodeId>>();
    for (int from = 0; from < files.size(); from += MOST_AT_ONCE) {
      var part = files.subList(from, Math.min(files.size(), from + MOST_AT_ONCE));
      Fanout.ask(nodes, timeout, node -> ask(node, part, keep))
          .answers()
          .forEach(
              (node, places) ->
                  places.stream()
                      .filter(place -> place >= 0 && place < part.size())
                      .map(place -> part.get(place).path())
                      .forEach(
                          path -> holders.computeIfAbsent(path, _ -> new TreeSet<>()).add(node)));
    }
    return holders;
  }

  private List<Integer> ask(NodeId node, List<Content> files, boolean keep) {
    var request = HaveFilesRequest.newBuilder().setKeep(keep);
    files.forEach(
        file ->
            request.addFiles(FileEntry.newBuilder().setPath(file.path()).setSha256(file.sha256())));
    try {
      return SyncServiceGrpc.newBlockingStub(services.on(node))
          .withDeadlineAfter(timeout)
          .haveFiles(request.build())
          .getHeldList();
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    }
  }
}
