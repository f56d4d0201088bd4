package io.ringrift.chaos.ground;

import io.ringrift.kernel.Endpoint;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What grounds of real node processes have in common: the processes and their folders.
abstract class NodesGround implements Ground {
  /// A node gives up on an orderly end by itself after 15 s.
  private static final int STOP_SECONDS = 60;

  final ClusterPlan plan;
  final NodeProcesses processes;

  NodesGround(ClusterPlan plan) {
    this.plan = plan;
    this.processes = new NodeProcesses(plan);
  }

  @Override
  public final List<String> voters() {
    return plan.voterNames();
  }

  @Override
  public final List<String> workers() {
    return plan.workerNames();
  }

  @Override
  public final Map<Door, Endpoint> doors(String node) {
    var doors = new EnumMap<Door, Endpoint>(Door.class);
    Door.of(plan.consensus(), plan.membership()).forEach(door -> doors.put(door, door(node, door)));
    return doors;
  }

  abstract Endpoint door(String node, Door door);

  @Override
  public final Endpoint address(String node) {
    return door(node, Door.WEB);
  }

  @Override
  public final boolean running(String node) {
    return processes.running(node);
  }

  @Override
  public final List<String> kill(List<String> nodes) throws InterruptedException {
    return processes.kill(nodes);
  }

  @Override
  public final boolean stop(String node) throws InterruptedException {
    return processes.stop(node, STOP_SECONDS);
  }

  @Override
  public final void signal(String node, String name) {
    processes.signal(node, name);
  }

  @Override
  public final long pid(String node) {
    return processes.pid(node);
  }

  @Override
  public final Path stateFolder(String node) {
    return plan.stateFolder(node);
  }

  @Override
  public final Path dataFolder(String node) {
    return plan.dataFolder(node);
  }

  @Override
  public final Path log(String node) {
    return plan.log(node);
  }

  @Override
  public final List<Crash> crashed() {
    return processes.crashed();
  }

  @Override
  public List<String> end() throws InterruptedException {
    return processes.end(STOP_SECONDS);
  }

  @Override
  public void close() {
    processes.close();
  }
}
