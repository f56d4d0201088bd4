package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.sync.v1.Conflict;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.Transfer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.TreeMap;

/// Parts of a plan as they go on the wire.
final class PlanMessages {
  private PlanMessages() {}

  /// The id of a plan is that of its content: an equal plan is the same plan.
  static String id(CopyPlan plan, List<NodeId> missing) {
    var digest = FileDigest.sha256();
    for (var move : plan.moves()) {
      add(digest, "move", move.source().value(), move.target().value());
      for (Content file : move.files()) {
        add(digest, file.path(), Long.toString(file.size()), file.sha256());
      }
    }
    for (var clash : plan.clashes()) {
      add(digest, "clash", clash.path());
      new TreeMap<>(clash.holders()).forEach((node, hash) -> add(digest, node.value(), hash));
    }
    missing.forEach(node -> add(digest, "missing", node.value()));
    return "plan-" + FileDigest.hex(digest).substring(0, 16);
  }

  private static void add(MessageDigest digest, String... words) {
    for (String word : words) {
      digest.update(word.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
  }

  static FileEntry entry(Content content) {
    return FileEntry.newBuilder()
        .setPath(content.path())
        .setSizeBytes(content.size())
        .setSha256(content.sha256())
        .setFileType(FileKinds.typeOf(content.path()).orElse(""))
        .setConfigKey(FileKinds.configKey(content.path()))
        .build();
  }

  static Transfer transfer(CopyPlan.Move move) {
    return Transfer.newBuilder()
        .setSourceNodeId(move.source().value())
        .setTargetNodeId(move.target().value())
        .addAllFiles(move.files().stream().map(PlanMessages::entry).toList())
        .setTotalBytes(move.bytes())
        .build();
  }

  static Conflict conflict(CopyPlan.Clash clash) {
    var message = Conflict.newBuilder().setPath(clash.path());
    clash.holders().forEach((node, hash) -> message.putHolders(node.value(), hash));
    return message.build();
  }
}
