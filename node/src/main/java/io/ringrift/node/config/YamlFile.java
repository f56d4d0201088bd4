package io.ringrift.node.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// cluster.yaml as a tree, with the list of paths that this build knows.
final class YamlFile {
  private static final long LARGEST_BYTES = 4L << 20;

  /// Sections that are read as a whole elsewhere.
  private static final Set<String> KNOWN_SECTIONS =
      Set.of(
          "workloads",
          "training",
          "loops",
          "sync.peer_bandwidth_overrides",
          "auto_sync.host_bandwidth_overrides",
          "p2p_voters",
          "preferred_leader",
          "selfplay.curriculum_weights",
          "selfplay.board_overrides");

  private final String name;
  private final ObjectNode root;

  private YamlFile(String name, ObjectNode root) {
    this.name = name;
    this.root = root;
  }

  static YamlFile empty() {
    return new YamlFile("", JsonNodeFactory.instance.objectNode());
  }

  /// Reads the file; what is wrong with it is noted, and an empty tree stands in.
  static YamlFile read(Path file, Faults faults) {
    try {
      if (Files.size(file) > LARGEST_BYTES) {
        faults.invalid("config", file.toString(), "a file of at most 4 MiB");
        return empty();
      }
      var mapper =
          new YAMLMapper(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
      JsonNode tree = mapper.readTree(Files.readAllBytes(file));
      if (tree instanceof ObjectNode object) {
        return new YamlFile(file.toString(), object);
      }
      if (!tree.isMissingNode() && !tree.isNull()) {
        faults.invalid("config", file.toString(), "a YAML mapping of settings");
      }
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      faults.invalid(
          "config",
          file.toString(),
          "valid YAML; line "
              + (at == null ? "?" : at.getLineNr())
              + ": "
              + e.getOriginalMessage().lines().findFirst().orElse(""));
    } catch (IOException e) {
      faults.invalid("config", file.toString(), "a readable file (" + e + ")");
    }
    return empty();
  }

  /// File name; empty when there is none.
  String name() {
    return name;
  }

  /// The node at a dotted path.
  Optional<JsonNode> at(String path) {
    JsonNode node = root;
    for (String step : path.split("\\.", -1)) {
      node = node.path(step);
    }
    return node.isMissingNode() ? Optional.empty() : Optional.of(node);
  }

  /// The scalar at a dotted path; a list of scalars reads as comma-separated text without its
  /// nulls, null as empty text.
  Optional<String> scalar(String path) {
    return at(path).flatMap(YamlFile::asScalar);
  }

  private static Optional<String> asScalar(JsonNode node) {
    if (node.isNull()) {
      return Optional.of("");
    }
    if (node.isValueNode()) {
      return Optional.of(node.asText());
    }
    if (node.isArray()) {
      var parts = new ArrayList<String>();
      for (JsonNode item : node) {
        if (!item.isValueNode()) {
          return Optional.empty();
        }
        if (!item.isNull()) {
          parts.add(item.asText());
        }
      }
      return Optional.of(String.join(",", parts));
    }
    return Optional.empty();
  }

  /// Paths in the file that mean nothing to this build.
  List<String> unknownPaths(Set<String> knownPaths) {
    var unknown = new ArrayList<String>();
    root.properties()
        .forEach(
            field -> {
              if (field.getKey().equals("hosts")) {
                collectOfHosts(field.getValue(), unknown);
              } else {
                collect(field.getKey(), field.getValue(), knownPaths, unknown);
              }
            });
    return unknown;
  }

  /// A key that many hosts have is told once.
  private static void collectOfHosts(JsonNode hosts, List<String> unknown) {
    var names = new TreeSet<String>();
    hosts.forEach(host -> host.fieldNames().forEachRemaining(names::add));
    names.removeIf(OriginalKeys::readOfHost);
    names.forEach(name -> unknown.add("hosts.*." + name));
  }

  private static void collect(
      String path, JsonNode node, Set<String> knownPaths, List<String> unknown) {
    if (KNOWN_SECTIONS.contains(path) || (knownPaths.contains(path) && !node.isObject())) {
      return;
    }
    if (node.isObject() && knownPaths.stream().anyMatch(known -> known.startsWith(path + "."))) {
      node.properties()
          .forEach(
              field -> collect(path + "." + field.getKey(), field.getValue(), knownPaths, unknown));
      return;
    }
    unknown.add(path);
  }
}
