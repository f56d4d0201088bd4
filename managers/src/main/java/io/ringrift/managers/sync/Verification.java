package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.Manifest;
import io.ringrift.sync.v1.QuarantinedFile;
import io.ringrift.sync.v1.VerifiedNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Reads every file of this node again, ignoring every cache, and compares. Blocks for as long as
/// the disk needs; one thread a call.
final class Verification {
  static final int MOST_TOLD = 1000;

  private final NodeId self;
  private final SafePath paths;
  private final ManifestScanner scanner;
  private final Quarantine quarantine;

  Verification(NodeId self, SafePath paths, ManifestScanner scanner, Quarantine quarantine) {
    this.self = self;
    this.paths = paths;
    this.scanner = scanner;
    this.quarantine = quarantine;
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
        .setNodeId(self.value())
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
}
