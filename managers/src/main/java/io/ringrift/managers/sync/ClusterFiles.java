package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.sync.v1.CheckCopiesRequest;
import io.ringrift.sync.v1.CheckCopiesResponse;
import io.ringrift.sync.v1.ClusterFile;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.ListClusterFilesRequest;
import io.ringrift.sync.v1.ListClusterFilesResponse;
import io.ringrift.sync.v1.Manifest;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the alive nodes hold together, for the leader's callers. Blocks; safe for any thread.
final class ClusterFiles {
  private final SyncLeader leader;
  private final ManifestCollection manifests;
  private final SyncTargets targets;
  private final Duration interval;

  /// @param interval an older collection is not used
  ClusterFiles(
      SyncLeader leader, ManifestCollection manifests, SyncTargets targets, Duration interval) {
    this.leader = leader;
    this.manifests = manifests;
    this.targets = targets;
    this.interval = interval;
  }

  /// @throws Refusal NOT_LEADER or NO_QUORUM
  ListClusterFilesResponse list(ListClusterFilesRequest request) throws InterruptedException {
    leader.requireLeader();
    var collected = manifests.collectedWithin(interval);
    var response = ListClusterFilesResponse.newBuilder();
    joined(collected.manifests()).values().stream()
        .filter(one -> asked(request.getFileType(), one.getEntry().getFileType()))
        .filter(one -> asked(request.getConfigKey(), one.getEntry().getConfigKey()))
        .forEach(response::addFiles);
    collected.failures().keySet().forEach(node -> response.addMissingNodeIds(node.value()));
    return response.build();
  }

  /// What would be lost with a node, by manifests that are collected for the answer.
  ///
  /// @throws Refusal NOT_LEADER, NO_QUORUM, INVALID_ARGUMENT, NODE_NOT_FOUND, or UNREACHABLE when
  ///   the node does not tell what it holds
  CheckCopiesResponse copies(CheckCopiesRequest request) throws InterruptedException {
    leader.requireLeader();
    if (request.getNodeId().isEmpty()) {
      throw Refusal.invalid("node_id", "", "the name of a node");
    }
    var node = new NodeId(request.getNodeId());
    var wants = targets.copies();
    var collected = manifests.collect();
    var own = collected.manifests().get(node);
    if (own == null) {
      throw unknown(node, collected.failures().get(node));
    }
    var tooFew = Copies.without(node, collected.holdings(), wants);
    return CheckCopiesResponse.newBuilder()
        .setNodeId(node.value())
        .setSpare(tooFew.isEmpty())
        .setFiles(own.getFilesCount())
        .setTotalTooFew(tooFew.size())
        .addAllTooFew(tooFew.stream().limit(Verification.MOST_TOLD).toList())
        .build();
  }

  private static Refusal unknown(NodeId node, @Nullable String failure) {
    String what = "nobody knows what " + node + " holds: ";
    return failure == null
        ? new Refusal(Reason.NODE_NOT_FOUND, what + "no node of that name is alive; start it")
        : new Refusal(Reason.UNREACHABLE, what + failure + "; ask again");
  }

  private static boolean asked(String wanted, String is) {
    return wanted.isEmpty() || wanted.equals(is);
  }

  /// A copy is younger than what it is a copy of.
  private static boolean older(FileEntry entry, FileEntry than) {
    var one = entry.getModifiedTime();
    var other = than.getModifiedTime();
    return one.getSeconds() < other.getSeconds()
        || (one.getSeconds() == other.getSeconds() && one.getNanos() < other.getNanos());
  }

  /// By path, with the oldest time of all copies; a path with different contents is left out.
  private static SortedMap<String, ClusterFile.Builder> joined(Map<NodeId, Manifest> manifests) {
    var files = new TreeMap<String, ClusterFile.Builder>();
    var torn = new HashSet<String>();
    manifests.forEach(
        (node, manifest) -> {
          for (FileEntry entry : manifest.getFilesList()) {
            var file =
                files.computeIfAbsent(
                    entry.getPath(), _ -> ClusterFile.newBuilder().setEntry(entry));
            if (file.getEntry().getSha256().equals(entry.getSha256())) {
              file.addNodeIds(node.value());
              if (older(entry, file.getEntry())) {
                file.setEntry(entry);
              }
            } else {
              torn.add(entry.getPath());
            }
          }
        });
    files.keySet().removeAll(torn);
    return files;
  }
}
