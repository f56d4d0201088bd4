package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.sync.v1.Conflict;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.SyncPlan;
import io.ringrift.sync.v1.Transfer;
import java.util.Collection;

/// The plan as it goes on the wire.
final class PlanMessages {
  private PlanMessages() {}

  static SyncPlan message(CopyPlan plan, Collection<NodeId> missing) {
    var message = SyncPlan.newBuilder().setTotalFiles(plan.files()).setTotalBytes(plan.bytes());
    plan.moves().forEach(move -> message.addTransfers(transfer(move)));
    plan.clashes().forEach(clash -> message.addConflicts(conflict(clash)));
    missing.forEach(node -> message.addMissingNodeIds(node.value()));
    // The id is the plan's content: an equal plan is the same plan.
    String id = FileDigest.ofText(message.build().toString()).substring(0, 16);
    return message.setPlanId("plan-" + id).build();
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

  private static Transfer transfer(CopyPlan.Move move) {
    return Transfer.newBuilder()
        .setSourceNodeId(move.source().value())
        .setTargetNodeId(move.target().value())
        .addAllFiles(move.files().stream().map(PlanMessages::entry).toList())
        .setTotalBytes(move.bytes())
        .build();
  }

  private static Conflict conflict(CopyPlan.Clash clash) {
    var message = Conflict.newBuilder().setPath(clash.path());
    clash.holders().forEach((node, hash) -> message.putHolders(node.value(), hash));
    return message.build();
  }
}
