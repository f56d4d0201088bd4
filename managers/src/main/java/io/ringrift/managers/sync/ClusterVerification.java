package io.ringrift.managers.sync;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.sync.v1.VerifiedNode;
import io.ringrift.sync.v1.VerifyFilesRequest;
import io.ringrift.sync.v1.VerifyFilesResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Has every alive node read its files again, and judges them together: whether each content has
/// its copies, or is so new that they are still to be made. Blocks for as long as the disks need;
/// one thread a call.
final class ClusterVerification {
  /// A file that came just behind one round of sync gets its copies in the next one.
  private static final int ROUNDS = 2;

  private final Services services;
  private final Membership membership;
  private final Verification here;
  private final ManifestCollection manifests;
  private final SyncTargets targets;
  private final SyncConfig config;

  ClusterVerification(
      Services services,
      Membership membership,
      Verification here,
      ManifestCollection manifests,
      SyncTargets targets,
      SyncConfig config) {
    this.services = services;
    this.membership = membership;
    this.here = here;
    this.manifests = manifests;
    this.targets = targets;
    this.config = config;
  }

  VerifyFilesResponse verify(boolean cluster) throws InterruptedException {
    if (cluster) {
      return everywhere();
    }
    var own = here.here();
    return VerifyFilesResponse.newBuilder()
        .addNodes(own)
        .setSound(own.getCorruptCount() == 0)
        .build();
  }

  private VerifyFilesResponse everywhere() throws InterruptedException {
    var alive = membership.members().stream().filter(Member::alive).map(Member::id).toList();
    var verified = Fanout.ask(alive, config.transferTimeout(), this::ask).answers();
    var collected = manifests.collect();
    var holdings = collected.holdings();
    var response = VerifyFilesResponse.newBuilder();
    var union = new TreeSet<String>();
    holdings.values().forEach(files -> files.forEach(file -> union.add(file.path())));
    for (NodeId node : alive) {
      var own =
          holdings.getOrDefault(node, List.of()).stream()
              .map(Content::path)
              .collect(Collectors.toSet());
      var missing =
          union.stream().filter(path -> !own.contains(path)).limit(Verification.MOST_TOLD).toList();
      var answer =
          verified.getOrDefault(node, VerifiedNode.newBuilder().setNodeId(node.value()).build());
      response.addNodes(answer.toBuilder().addAllMissing(missing));
    }
    var found = Copies.of(sound(holdings, verified), targets.copies());
    judge(found, collected.newerThan(young(), manifests.now()), response);
    return response.setIdentical(identical(response.getNodesList())).build();
  }

  private Duration young() {
    return config.syncInterval().multipliedBy(ROUNDS);
  }

  /// What nodes hold that have just read it.
  private static SortedMap<NodeId, List<Content>> sound(
      SortedMap<NodeId, List<Content>> holdings, Map<NodeId, VerifiedNode> verified) {
    var sound = new TreeMap<NodeId, List<Content>>();
    verified.forEach(
        (node, answer) -> {
          var corrupt = Set.copyOf(answer.getCorruptList());
          sound.put(
              node,
              holdings.getOrDefault(node, List.of()).stream()
                  .filter(file -> !corrupt.contains(file.path()))
                  .toList());
        });
    return sound;
  }

  private void judge(Copies.Found found, Set<String> fresh, VerifyFilesResponse.Builder response) {
    var tooFew = found.tooFew().stream().filter(file -> !fresh.contains(file.getPath())).toList();
    boolean whole =
        response.getNodesList().stream()
            .allMatch(node -> !node.getDigest().isEmpty() && node.getCorruptCount() == 0);
    response
        .setSound(whole && tooFew.isEmpty() && found.clashes().isEmpty())
        .setReplicationTarget(config.replicationTarget())
        .setPaths(found.paths())
        .setTotalNew(found.tooFew().size() - tooFew.size())
        .setTotalTooFew(tooFew.size())
        .addAllTooFew(tooFew.stream().limit(Verification.MOST_TOLD).toList());
    found.clashes().stream()
        .limit(Verification.MOST_TOLD)
        .map(PlanMessages::conflict)
        .forEach(response::addConflicts);
  }

  private static boolean identical(List<VerifiedNode> nodes) {
    return nodes.stream()
            .allMatch(node -> node.getCorruptCount() == 0 && node.getMissingCount() == 0)
        && nodes.stream().noneMatch(node -> node.getDigest().isEmpty())
        && nodes.stream().map(VerifiedNode::getDigest).distinct().count() == 1;
  }

  private VerifiedNode ask(NodeId node) {
    try {
      if (node.equals(services.self())) {
        return here.here();
      }
      return SyncServiceGrpc.newBlockingStub(services.on(node))
          .withDeadlineAfter(config.transferTimeout())
          .verifyFiles(VerifyFilesRequest.getDefaultInstance())
          .getNodes(0);
    } catch (StatusRuntimeException e) {
      throw Errors.fromStatus(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(Reason.SHUTTING_DOWN, "the verification was cut short; ask again", e);
    }
  }
}
