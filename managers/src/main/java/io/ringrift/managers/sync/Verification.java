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
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.Manifest;
import io.ringrift.sync.v1.QuarantinedFile;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.sync.v1.VerifiedNode;
import io.ringrift.sync.v1.VerifyFilesRequest;
import io.ringrift.sync.v1.VerifyFilesResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Reads every file again, ignoring every cache, and compares. Blocks for as long as the disk
/// needs; one thread a call.
final class Verification {
  private static final int MOST_TOLD = 1000;

  private final Services services;
  private final Membership membership;
  private final SafePath paths;
  private final ManifestScanner scanner;
  private final ManifestCollection manifests;
  private final Quarantine quarantine;
  private final Duration timeout;

  Verification(
      Services services,
      Membership membership,
      SafePath paths,
      ManifestScanner scanner,
      ManifestCollection manifests,
      Quarantine quarantine,
      Duration timeout) {
    this.services = services;
    this.membership = membership;
    this.paths = paths;
    this.scanner = scanner;
    this.manifests = manifests;
    this.quarantine = quarantine;
    this.timeout = timeout;
  }

  VerifyFilesResponse verify(boolean cluster) throws InterruptedException {
    return cluster ? everywhere() : VerifyFilesResponse.newBuilder().addNodes(here()).build();
  }

  /// This node's files against what its manifest said before. What rotted in place, under an
  /// unchanged size and time, goes into quarantine; what was written anew is only told.
  VerifiedNode here() throws InterruptedException {
    Map<String, FileEntry> promised = byPath(scanner.latest());
    Manifest now = scanner.scan();
    var corrupt = new ArrayList<String>();
    var taken = new ArrayList<QuarantinedFile>();
    var actual = new ArrayList<FileEntry>();
    long bytes = 0;
    for (FileEntry entry : now.getFilesList()) {
      String sha256 = reread(entry.getPath());
      FileEntry before = promised.getOrDefault(entry.getPath(), entry);
      if (!sha256.equals(before.getSha256())) {
        corrupt.add(entry.getPath());
        scanner.forget(entry.getPath());
        if (isSameFile(before, entry) && FileDigest.isSha256(sha256)) {
          quarantine.take(before, sha256).ifPresent(taken::add);
        }
      }
      bytes += entry.getSizeBytes();
      actual.add(entry.toBuilder().setSha256(sha256).build());
    }
    return VerifiedNode.newBuilder()
        .setNodeId(services.self().value())
        .setFiles(actual.size())
        .setBytes(bytes)
        .addAllCorrupt(corrupt.subList(0, Math.min(corrupt.size(), MOST_TOLD)))
        .addAllQuarantined(taken.subList(0, Math.min(taken.size(), MOST_TOLD)))
        .setDigest(ManifestScanner.digest(actual))
        .build();
  }

  private static boolean isSameFile(FileEntry before, FileEntry now) {
    return before.getSizeBytes() == now.getSizeBytes()
        && before.getModifiedTime().equals(now.getModifiedTime());
  }

  private static Map<String, FileEntry> byPath(Manifest manifest) {
    return manifest.getFilesList().stream()
        .collect(Collectors.toMap(FileEntry::getPath, Function.identity()));
  }

  private String reread(String path) {
    try {
      return FileDigest.of(paths.resolve(path));
    } catch (IOException e) {
      // Unreadable is not what the manifest said.
      return "unreadable";
    }
  }

  private VerifyFilesResponse everywhere() throws InterruptedException {
    var alive = membership.members().stream().filter(Member::alive).map(Member::id).toList();
    var verified = Fanout.ask(alive, timeout, this::ask);
    var held = new TreeMap<NodeId, HashSet<String>>();
    var union = new TreeSet<String>();
    manifests
        .collect()
        .holdings()
        .forEach(
            (node, files) -> {
              var own = files.stream().map(Content::path).collect(Collectors.toSet());
              held.put(node, new HashSet<>(own));
              union.addAll(own);
            });
    var response = VerifyFilesResponse.newBuilder();
    for (NodeId node : alive) {
      var own = held.getOrDefault(node, new HashSet<>());
      var missing = union.stream().filter(path -> !own.contains(path)).limit(MOST_TOLD).toList();
      var answer =
          verified
              .answers()
              .getOrDefault(node, VerifiedNode.newBuilder().setNodeId(node.value()).build());
      response.addNodes(answer.toBuilder().addAllMissing(missing));
    }
    return response.setIdentical(identical(response.getNodesList())).build();
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
        return here();
      }
      return SyncServiceGrpc.newBlockingStub(services.on(node))
          .withDeadlineAfter(timeout)
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
