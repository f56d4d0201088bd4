package io.ringrift.node.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.ringrift.node.config.NodeConfig.Workload;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The declared workload templates: the built-in game of Hex, and those of the file. `{java}` and
/// `{workload_classpath}` are filled here, of the running JVM; every other placeholder is filled by
/// the job manager when a job starts.
final class Workloads {
  private final Faults faults;

  Workloads(Faults faults) {
    this.faults = faults;
  }

  /// Templates by name; one of the file replaces a built-in one of that name.
  Map<String, Workload> read(YamlFile file) {
    var all = new TreeMap<String, Workload>();
    for (Workload builtIn : HexWorkloads.all()) {
      all.put(builtIn.name(), builtIn);
    }
    file.at("workloads")
        .ifPresent(
            section -> {
              if (!section.isObject()) {
                faults.invalid("workloads", section.asText(), "a mapping of template names");
                return;
              }
              section.properties().forEach(e -> all.put(e.getKey(), one(e.getKey(), e.getValue())));
            });
    return Map.copyOf(all);
  }

  private Workload one(String name, JsonNode node) {
    String field = "workloads." + name;
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")) {
      faults.invalid("workloads", name, "1 to 63 of A-Z a-z 0-9 . _ -");
    }
    var argv = list(field + ".argv", node.path("argv"));
    if (argv.isEmpty()) {
      faults.invalid(field + ".argv", node.path("argv").asText(), "a list with at least a program");
    }
    String jobType = node.path("job_type").asText("");
    if (jobType.isBlank()) {
      faults.invalid(field + ".job_type", jobType, "given, for example selfplay or shell");
    }
    int gpus =
        faults.guard(
            0, () -> Quantities.whole(field + ".gpus", node.path("gpus").asText("0"), 0, 64));
    var known =
        List.of("argv", "job_type", "env", "defaults", "cpu_ok_modes", "gpus", "output_dir");
    node.properties().stream()
        .filter(e -> !known.contains(e.getKey()))
        .forEach(e -> faults.warn(field + "." + e.getKey() + " is not known and was ignored"));
    return new Workload(
        name,
        jobType,
        resolve(argv),
        values(field + ".env", node.path("env")),
        values(field + ".defaults", node.path("defaults")),
        list(field + ".cpu_ok_modes", node.path("cpu_ok_modes")),
        gpus,
        node.path("output_dir").asText(usualOutput(jobType, argv)));
  }

  /// Below the board's own folder for what plays on a board; other jobs need not name one.
  private static String usualOutput(String jobType, List<String> argv) {
    boolean plays =
        argv.stream().anyMatch(a -> a.contains("{board}") || a.contains("{config_key}"));
    return plays ? jobType + "/{config_key}" : jobType;
  }

  private List<String> list(String field, JsonNode node) {
    var items = new ArrayList<String>();
    if (node.isMissingNode() || node.isNull()) {
      return items;
    }
    if (!node.isArray()) {
      faults.invalid(field, node.toString(), "a list");
      return items;
    }
    node.forEach(item -> items.add(item.asText()));
    return items;
  }

  private Map<String, String> values(String field, JsonNode node) {
    var values = new LinkedHashMap<String, String>();
    if (node.isMissingNode() || node.isNull()) {
      return values;
    }
    if (!node.isObject()) {
      faults.invalid(field, node.toString(), "a mapping of names to values");
      return values;
    }
    for (var e : node.properties()) {
      if (!e.getKey().matches("[A-Za-z_][A-Za-z0-9_]*")) {
        faults.invalid(field, e.getKey(), "a name of letters, digits and _");
      }
      values.put(e.getKey(), e.getValue().asText());
    }
    return values;
  }

  /// Fills `{java}` and `{workload_classpath}`.
  static List<String> resolve(List<String> argv) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classpath = workloadClasspath();
    return argv.stream()
        .map(a -> a.replace("{java}", java).replace("{workload_classpath}", classpath))
        .toList();
  }

  /// The folders and jars that the built-in workloads need, of this process's own class path: the
  /// workloads themselves, the SQLite driver and its logging façade.
  private static String workloadClasspath() {
    var parts = new ArrayList<String>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry).toAbsolutePath().normalize();
      String name = String.valueOf(path.getFileName());
      if (name.startsWith("sqlite-jdbc") || name.startsWith("slf4j-api") || isWorkloads(path)) {
        parts.add(path.toString());
      }
    }
    return parts.isEmpty() ? besideThisJar() : String.join(File.pathSeparator, parts);
  }

  private static boolean isWorkloads(Path path) {
    String name = String.valueOf(path.getFileName());
    boolean jar = name.startsWith("workloads") && name.endsWith(".jar");
    boolean built = path.endsWith(Path.of("workloads", "target", "classes"));
    return jar || (built && Files.isDirectory(path));
  }

  /// A class path given with a wildcard or by a manifest names no jar of its own: look beside ours.
  private static String besideThisJar() {
    var source = Workloads.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return "";
    }
    try {
      Path lib = Path.of(source.getLocation().toURI()).getParent();
      return lib == null ? "" : lib.resolve("*").toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("location of our own jar", e);
    }
  }
}
