package io.ringrift.chaos.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ringrift.kernel.Refusal;
import io.ringrift.node.config.Quantities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// The fields of one mapping of a file. What is wrong is noted with field, value and rule, and a
/// stand-in goes on, so that all faults of a file are told at once.
final class Fields {
  private final String path;
  private final ObjectNode node;
  private final List<String> faults;

  Fields(String path, ObjectNode node, List<String> faults) {
    this.path = path;
    this.node = node;
    this.faults = faults;
  }

  private String label(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  void invalid(String name, String value, String rule) {
    faults.add(Refusal.invalid(label(name), value, rule).text());
  }

  <T> T guard(T standIn, Supplier<T> value) {
    try {
      return value.get();
    } catch (Refusal refusal) {
      faults.add(refusal.text());
      return standIn;
    }
  }

  void onlyKnown(Set<String> known) {
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                invalid(name, shown(name), "left out; known are " + sorted(known));
              }
            });
  }

  private String shown(String name) {
    JsonNode value = node.path(name);
    return value.isValueNode() ? value.asText() : value.toString();
  }

  private static String sorted(Set<String> names) {
    return String.join(", ", names.stream().sorted().toList());
  }

  boolean has(String name) {
    return node.has(name);
  }

  Optional<String> scalar(String name) {
    JsonNode value = node.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isValueNode() || value.isNull()) {
      invalid(name, value.toString(), "one value");
      return Optional.empty();
    }
    return Optional.of(value.asText().strip());
  }

  String needed(String name, String rule) {
    Optional<String> text = scalar(name);
    if (text.isEmpty() || text.get().isEmpty()) {
      invalid(name, text.orElse(""), rule);
    }
    return text.orElse("");
  }

  /// One word or a list of words.
  List<String> words(String name) {
    JsonNode value = node.path(name);
    if (value.isMissingNode()) {
      return List.of();
    }
    var words = new ArrayList<String>();
    for (JsonNode item : value.isArray() ? value : List.of(value)) {
      if (item.isValueNode() && !item.isNull() && !item.asText().isBlank()) {
        words.add(item.asText().strip());
      } else {
        invalid(name, value.toString(), "a word or a list of words");
      }
    }
    return words;
  }

  <E extends Enum<E>> Set<E> set(String name, Class<E> type, Set<E> otherwise) {
    if (!has(name)) {
      return otherwise;
    }
    var found = EnumSet.noneOf(type);
    for (String word : words(name)) {
      one(name, word, type).ifPresent(found::add);
    }
    if (found.isEmpty() && faults.isEmpty()) {
      invalid(name, "", "at least one of " + names(type));
    }
    return found;
  }

  <E extends Enum<E>> Optional<E> one(String name, String word, Class<E> type) {
    var found =
        Stream.of(type.getEnumConstants())
            .filter(e -> e.name().equals(word.toUpperCase(Locale.ROOT)))
            .findFirst();
    if (found.isEmpty()) {
      invalid(name, word, "one of " + names(type));
    }
    return found;
  }

  private static <E extends Enum<E>> String names(Class<E> type) {
    return String.join(
        ", ",
        Stream.of(type.getEnumConstants()).map(e -> e.name().toLowerCase(Locale.ROOT)).toList());
  }

  int whole(String name, int otherwise, int least, int greatest) {
    return scalar(name)
        .map(text -> guard(otherwise, () -> Quantities.whole(label(name), text, least, greatest)))
        .orElse(otherwise);
  }

  Duration duration(String name, Duration otherwise, Duration greatest) {
    Optional<String> text = scalar(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    Duration value = guard(otherwise, () -> Quantities.duration(label(name), text.get()));
    if (value.compareTo(greatest) > 0) {
      invalid(name, text.get(), "at most " + Quantities.text(greatest));
      return otherwise;
    }
    return value;
  }

  boolean flag(String name) {
    return scalar(name)
        .map(text -> guard(false, () -> Quantities.flag(label(name), text)))
        .orElse(false);
  }

  /// A mapping below this one; empty when it is left out.
  Fields below(String name) {
    JsonNode value = node.path(name);
    if (value instanceof ObjectNode object) {
      return new Fields(label(name), object, faults);
    }
    if (!value.isMissingNode()) {
      invalid(name, value.toString(), "a mapping");
    }
    return new Fields(label(name), JsonNodeFactory.instance.objectNode(), faults);
  }

  /// The mappings of a list.
  List<Fields> list(String name) {
    JsonNode value = node.path(name);
    var found = new ArrayList<Fields>();
    if (!value.isMissingNode() && !value.isArray()) {
      invalid(name, value.toString(), "a list");
    }
    for (JsonNode item : value) {
      String at = label(name) + "[" + found.size() + "]";
      if (item instanceof ObjectNode object) {
        found.add(new Fields(at, object, faults));
      } else {
        faults.add(Refusal.invalid(at, item.toString(), "a mapping").text());
      }
    }
    return found;
  }

  Set<String> names() {
    var names = new java.util.LinkedHashSet<String>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
