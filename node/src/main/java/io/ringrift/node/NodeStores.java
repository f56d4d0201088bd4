package io.ringrift.node;

import io.ringrift.kernel.Audit;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.store.FileAudit;
import io.ringrift.kernel.store.KeyValueStore;
import io.ringrift.kernel.store.RocksKeyValueStore;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.state.StateManager;
import io.ringrift.node.config.NodeConfig;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this node keeps on disk: its locked folder, the audit stream, and the store behind the
/// replicated state. A damaged state store is set aside: snapshot, log and the other voters fill a
/// new one.
record NodeStores(StateFolder folder, FileAudit audit, KeyValueStore cluster)
    implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeStores.class);
  private static final String CLUSTER = "cluster";

  /// Kinds that a checker relies on after a power loss.
  private static final Set<String> FORCED =
      Set.of("vote-granted", "elected", "effect-accepted", "job-start", "corrupt-found");

  static NodeStores open(NodeConfig config, BootId boot, Ticker ticker) {
    var folder = StateFolder.open(config.stateDir(), config.clusterId(), config.nodeId());
    FileAudit audit = null;
    try {
      audit = new FileAudit(folder.resolve("audit.jsonl"), config.nodeId(), boot, ticker, FORCED);
      return new NodeStores(folder, audit, cluster(folder, audit));
    } catch (Refusal refusal) {
      if (audit != null) {
        audit.close();
      }
      folder.close();
      throw refusal;
    }
  }

  private static KeyValueStore cluster(StateFolder folder, Audit audit) {
    try {
      return RocksKeyValueStore.open(folder.resolve(CLUSTER), StateManager.families());
    } catch (Refusal damage) {
      if (damage.reason() != Reason.STORAGE_CORRUPT) {
        throw damage;
      }
      audit.record("corrupt-found", Epoch.ZERO, Map.of("what", damage.text()));
      LOG.error(
          "{}; it was moved to {} and is built again from the log and the other voters",
          damage.text(),
          folder.moveAside(CLUSTER));
      return RocksKeyValueStore.open(folder.resolve(CLUSTER), StateManager.families());
    }
  }

  @Override
  public void close() {
    cluster.close();
    audit.close();
    folder.close();
  }
}
