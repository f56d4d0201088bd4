package io.ringrift.node;

import io.ringrift.kernel.Refusal;
import io.ringrift.managers.job.JobConfig;
import io.ringrift.managers.job.ProcessConfig;
import io.ringrift.managers.selfplay.SelfplayConfig;
import io.ringrift.managers.training.TrainingConfig;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.node.config.Reload;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The configuration of a running node. Part of it can be read again: all of that part changes at
/// once, or nothing does. Safe for any thread.
final class LiveConfig {
  private static final Logger LOG = LoggerFactory.getLogger(LiveConfig.class);

  private final Supplier<NodeConfig> reader;
  private volatile Consumer<Reload> listener = _ -> {};
  private volatile Parts now;

  /// What managers ask for, of one reading.
  private record Parts(
      NodeConfig node,
      TrainingConfig training,
      SelfplayConfig selfplay,
      JobConfig jobs,
      ProcessConfig processes) {
    static Parts of(NodeConfig node) {
      var configs = ManagerConfigs.of(node);
      return new Parts(
          node, node.training(), configs.selfplay(), configs.jobs(), configs.processes());
    }
  }

  /// @param configured what the node starts with
  /// @param reader reads it again; throws Refusal INVALID_ARGUMENT naming every fault
  LiveConfig(NodeConfig configured, Supplier<NodeConfig> reader) {
    this.reader = reader;
    this.now = Parts.of(configured);
  }

  NodeConfig node() {
    return now.node();
  }

  TrainingConfig training() {
    return now.training();
  }

  SelfplayConfig selfplay() {
    return now.selfplay();
  }

  JobConfig jobs() {
    return now.jobs();
  }

  ProcessConfig processes() {
    return now.processes();
  }

  /// The one who is told after each reading that was taken; whoever was before is not any longer.
  ///
  /// @param told has to return at once
  void tell(Consumer<Reload> told) {
    listener = told;
  }

  /// Reads the configuration again, one call at a time. What came of it is in the log too.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming every fault; then nothing changed
  synchronized Reload reload() {
    try {
      var reload = Reload.of(now.node(), reader.get());
      now = Parts.of(reload.config());
      log(reload);
      listener.accept(reload);
      return reload;
    } catch (Refusal refusal) {
      LOG.warn("the configuration in force stays: {}", refusal.text());
      throw refusal;
    } catch (RuntimeException e) {
      LOG.error("the configuration was not read again", e);
      throw e;
    }
  }

  private static void log(Reload reload) {
    NodeLogging.level(reload.config().logLevel());
    LOG.info("the configuration was read again and changes {}", reload.applied());
    if (!reload.restartNeeded().isEmpty()) {
      LOG.warn("not before this node is started again: {}", reload.restartNeeded());
    }
    reload.warnings().forEach(warning -> LOG.warn("configuration: {}", warning));
  }
}
