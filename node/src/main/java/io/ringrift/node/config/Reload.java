package io.ringrift.node.config;

import io.ringrift.kernel.Refusal;
import io.ringrift.node.config.NodeConfig.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// What comes of a configuration that was read again while the node runs.
///
/// @param config what is in force from now on
/// @param applied what changes with it, sorted by name
/// @param restartNeeded what was read and is not in force before the node is started again, sorted
///   by name
/// @param warnings of the configuration that was read
public record Reload(
    NodeConfig config, List<Change> applied, List<Change> restartNeeded, List<String> warnings) {
  private static final List<String> LIVE = List.of("workloads.", "training.", "selfplay.", "jobs.");

  /// Gaps between rounds are those of the start.
  private static final String GAP = "training.interval";

  /// @param before empty when it was not set
  /// @param after empty when it is no longer set
  public record Change(String name, String before, String after) {
    @Override
    public String toString() {
      return name + " " + shown(before) + " -> " + shown(after);
    }

    private static String shown(String value) {
      return value.isEmpty() ? "(not set)" : value;
    }
  }

  public Reload {
    applied = List.copyOf(applied);
    restartNeeded = List.copyOf(restartNeeded);
    warnings = List.copyOf(warnings);
  }

  /// Compares what was read with what is in force.
  ///
  /// @throws Refusal INVALID_ARGUMENT when it needs something that only a restart changes
  public static Reload of(NodeConfig inForce, NodeConfig read) {
    check(inForce, read);
    var applied = new ArrayList<Change>();
    var later = new ArrayList<Change>();
    for (Change change : changes(values(inForce), values(read))) {
      (live(change.name()) ? applied : later).add(change);
    }
    if (!inForce.security().token().equals(read.security().token())) {
      later.removeIf(change -> change.name().equals(Key.TOKEN.path()));
      later.add(new Change(Key.TOKEN.path(), masked(inForce), masked(read)));
    }
    if (!inForce.hosts().equals(read.hosts())) {
      later.add(new Change("hosts", hosts(inForce), hosts(read)));
    }
    return new Reload(inForce.reloaded(read), applied, later, read.warnings());
  }

  private static void check(NodeConfig inForce, NodeConfig read) {
    if (names(inForce) && !names(read)) {
      throw Refusal.invalid(
          "config",
          "a file without any setting",
          "one with settings, as at the start; a file that is being written is read half: write"
              + " another and rename it");
    }
    int limit = inForce.queue().hardLimit();
    if (read.selfplay().enabled() && read.selfplay().depth() > limit) {
      throw Refusal.invalid(
          Key.SELFPLAY_DEPTH.path(),
          Integer.toString(read.selfplay().depth()),
          "at most queue.hard_limit, which is " + limit + " until the node is started again");
    }
  }

  /// Whether the file sets anything.
  private static boolean names(NodeConfig config) {
    return config.settings().stream().anyMatch(setting -> setting.origin() == Origin.FILE);
  }

  /// Whether a setting can change while the node runs.
  static boolean live(String name) {
    return name.equals(Key.LOG.path())
        || (LIVE.stream().anyMatch(name::startsWith) && !name.equals(GAP));
  }

  private static List<Change> changes(Map<String, String> before, Map<String, String> after) {
    var names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    var changes = new ArrayList<Change>();
    for (String name : names) {
      String old = before.getOrDefault(name, "");
      String now = after.getOrDefault(name, "");
      if (!old.equals(now)) {
        changes.add(new Change(name, masked(name, old), masked(name, now)));
      }
    }
    return changes;
  }

  /// Settings, and the templates, which are none.
  private static Map<String, String> values(NodeConfig config) {
    var values = new TreeMap<String, String>();
    config.settings().forEach(setting -> values.put(setting.name(), setting.value()));
    config.workloads().values().forEach(workload -> put(values, workload));
    return values;
  }

  private static void put(Map<String, String> values, Workload w) {
    String at = "workloads." + w.name() + ".";
    values.put(at + "job_type", w.jobType());
    values.put(at + "argv", String.join(" ", w.argv()));
    w.environment().forEach((name, value) -> values.put(at + "env." + name, value));
    w.defaults().forEach((name, value) -> values.put(at + "defaults." + name, value));
    values.put(at + "cpu_ok_modes", String.join(",", w.cpuOkModes()));
    values.put(at + "gpus", w.gpus() == 0 ? "" : Integer.toString(w.gpus()));
    values.put(at + "output_dir", w.outputDir());
  }

  /// What the environment of a process holds may be a secret.
  private static String masked(String name, String value) {
    return name.startsWith("workloads.") && name.contains(".env.") && !value.isEmpty()
        ? "***"
        : value;
  }

  private static String masked(NodeConfig config) {
    return config.security().token().isPresent() ? "***" : "";
  }

  private static String hosts(NodeConfig config) {
    return String.join(",", new TreeSet<>(config.hosts().keySet()));
  }
}
