package io.ringrift.node.config;

import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The environment as it was when the process started. The only reader of it. An empty value is a
/// value.
public final class Env {
  private static final String PREFIX = "RINGRIFT_";

  private final Map<String, String> values;

  public Env(Map<String, String> values) {
    this.values = new TreeMap<>(values);
  }

  /// This process's environment.
  public static Env system() {
    return new Env(System.getenv());
  }

  public Optional<String> get(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /// Our own names that are set.
  SortedSet<String> ownNames() {
    var own = new TreeSet<String>();
    values.keySet().stream().filter(name -> name.startsWith(PREFIX)).forEach(own::add);
    return own;
  }
}
