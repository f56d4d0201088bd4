package io.ringrift.node;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.store.FileAudit;
import io.ringrift.kernel.store.KeyValueStore;
import io.ringrift.kernel.store.RocksKeyValueStore;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.state.StateManager;
import io.ringrift.node.config.NodeConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this node keeps on disk: its locked folder, the audit stream, and the store behind the
/// replicated state. A damaged state store is set aside: snapshot, log and the other voters fill a
/// new one. Used by the thread that starts or stops the node.
final class NodeStores implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeStores.class);
  private static final String CLUSTER = "cluster";

  /// Kinds that a checker relies on after a power loss.
  private static final Set<String> FORCED =
      Set.of("vote-granted", "elected", "effect-accepted", "job-start", "corrupt-found");

  private final String logId;
  private final StateFolder folder;
  private final FileAudit audit;
  private KeyValueStore cluster;

  private NodeStores(StateFolder folder, FileAudit audit, String logId) {
    this.logId = logId;
    this.folder = folder;
    this.audit = audit;
    this.cluster = openCluster();
  }

  static NodeStores open(NodeConfig config, BootId boot, Ticker ticker) {
    return open(
        config.stateDir(),
        config.clusterId(),
        config.nodeId(),
        config.consensusMode(),
        boot,
        ticker);
  }

  static NodeStores open(
      Path path, String clusterId, NodeId self, ConsensusMode mode, BootId boot, Ticker ticker) {
    var folder = StateFolder.open(path, clusterId, self);
    FileAudit audit = null;
    try {
      audit = new FileAudit(folder.resolve("audit.jsonl"), self, boot, ticker, FORCED);
      int life = new CarryOver(folder, audit).bring(mode);
      return new NodeStores(folder, audit, life == 0 ? clusterId : clusterId + "#" + life);
    } catch (Refusal refusal) {
      if (audit != null) {
        audit.close();
      }
      folder.close();
      throw refusal;
    }
  }

  private KeyValueStore openCluster() {
    try {
      return openOrCreate();
    } catch (Refusal damage) {
      if (damage.reason() != Reason.STORAGE_CORRUPT) {
        throw damage;
      }
      return instead(damage);
    }
  }

  private KeyValueStore openOrCreate() {
    return RocksKeyValueStore.open(folder.resolve(CLUSTER), StateManager.families());
  }

  private KeyValueStore instead(Refusal damage) {
    audit.record("corrupt-found", Epoch.ZERO, Map.of("what", damage.text()));
    LOG.error(
        "{}; it was moved to {} and is built again from the log and the other voters",
        damage.text(),
        folder.moveAside(CLUSTER));
    return openOrCreate();
  }

  /// Sets aside a state store that opened but cannot be read, and begins an empty one.
  KeyValueStore anew(Refusal damage) {
    cluster.close();
    cluster = instead(damage);
    return cluster;
  }

  /// Tells of the node's own database, which was damaged and begun anew.
  void databaseSetAside(Path aside) {
    audit.record(
        "corrupt-found",
        Epoch.ZERO,
        Map.of("what", "the node's database was damaged and set aside as " + aside));
  }

  /// Names the life of the log: the cluster, and how often its state moved to another log.
  String logId() {
    return logId;
  }

  StateFolder folder() {
    return folder;
  }

  FileAudit audit() {
    return audit;
  }

  KeyValueStore cluster() {
    return cluster;
  }

  @Override
  public void close() {
    try {
      cluster.close();
    } finally {
      audit.close();
      folder.close();
    }
  }
}
