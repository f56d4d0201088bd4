package io.ringrift.chaos.run;

import io.ringrift.chaos.ground.Crash;
import io.ringrift.chaos.ground.Door;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.kernel.Endpoint;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// Folders of two voters, and no process at all.
class QuietGround implements Ground {
  private final Path folder;

  QuietGround(Path folder) {
    this.folder = folder;
  }

  @Override
  public List<Crash> crashed() {
    return List.of();
  }

  @Override
  public long pid(String node) {
    return 0;
  }

  @Override
  public List<String> voters() {
    return List.of("n1", "n2");
  }

  @Override
  public List<String> workers() {
    return List.of();
  }

  @Override
  public Endpoint address(String node) {
    return new Endpoint("127.0.0.1", 1);
  }

  @Override
  public Map<Door, Endpoint> doors(String node) {
    return Map.of(Door.WEB, address(node));
  }

  @Override
  public void start(String node, List<String> more) {}

  @Override
  public boolean running(String node) {
    return true;
  }

  @Override
  public List<String> kill(List<String> nodes) {
    return nodes;
  }

  @Override
  public boolean stop(String node) {
    return true;
  }

  @Override
  public void signal(String node, String name) {}

  @Override
  public void links(Map<Link, LinkRule> rules) {}

  @Override
  public long struck(Collection<Link> links) {
    return 0;
  }

  @Override
  public Path stateFolder(String node) {
    return folder.resolve(node).resolve("state");
  }

  @Override
  public Path dataFolder(String node) {
    return folder.resolve(node).resolve("data");
  }

  @Override
  public Path log(String node) {
    return folder.resolve(node).resolve("node.log");
  }

  @Override
  public List<String> end() {
    return List.of();
  }

  @Override
  public void close() {}
}
