package io.ringrift.managers.status;

import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.HealthCheck;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Health of the managers, each asked apart under a deadline: one that throws or hangs is told as
/// unfit and costs the others nothing. Safe for any thread; blocks at most the timeout.
final class ManagersHealth {
  private final Supplier<List<HealthCheck>> managers;
  private final Collector collector;

  ManagersHealth(CollectorConfig config, Supplier<List<HealthCheck>> managers, Ticker ticker) {
    this.managers = managers;
    this.collector = new Collector(config, ticker);
  }

  /// Health by name, in the order of the managers.
  Map<String, Health> ask() throws InterruptedException {
    List<Block<Health>> blocks = managers.get().stream().map(ManagersHealth::block).toList();
    var collected = collector.collect(List.copyOf(blocks));
    var health = new LinkedHashMap<String, Health>();
    for (Block<Health> block : blocks) {
      health.put(
          block.name(),
          collected
              .get(block)
              .orElseGet(
                  () -> unknown(collected.errors().getOrDefault(block.name(), "no answer"))));
    }
    return health;
  }

  private static Block<Health> block(HealthCheck manager) {
    return new Block<>(manager.name(), Health.class, manager::health, _ -> Map.of());
  }

  private static Health unknown(String cause) {
    return Health.error("its health could not be asked: " + cause, Map.of());
  }
}
