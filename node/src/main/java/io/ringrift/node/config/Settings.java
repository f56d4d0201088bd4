package io.ringrift.node.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/// Finds each setting's value and where it came from: flag, then environment, then file, then what
/// the caller offers as preset or default.
final class Settings {
  /// Read by the start script and the command line, not by the node.
  private static final Set<String> NOT_OURS =
      Set.of(
          "RINGRIFT_CONFIG",
          "RINGRIFT_ADDRESS",
          "RINGRIFT_OUTPUT",
          "RINGRIFT_TIMEOUT",
          "RINGRIFT_DIST",
          "RINGRIFT_JAVA_HOME",
          "RINGRIFT_MAX_HEAP",
          "RINGRIFT_NO_AOT");

  private final Map<String, String> flags;
  private final Env env;
  private final YamlFile file;
  private final Faults faults;
  private final Map<Key, Setting> found = new EnumMap<>(Key.class);
  private final List<Setting> structured = new ArrayList<>();

  Settings(Map<String, String> flags, Env env, YamlFile file, Faults faults) {
    this.flags = new TreeMap<>(flags);
    this.env = env;
    this.file = file;
    this.faults = faults;
  }

  /// The value that somebody set, if anybody did.
  Optional<String> given(Key key) {
    var setting = fromFlag(key).or(() -> fromEnv(key)).or(() -> fromFile(key));
    setting.ifPresent(s -> found.put(key, s));
    return setting.map(Setting::value);
  }

  /// The value, or the key's own default.
  String text(Key key) {
    return text(key, key.fallback(), Origin.DEFAULT);
  }

  /// The value, or what stands in for it.
  String text(Key key, String standIn, Origin origin) {
    return given(key)
        .orElseGet(
            () -> {
              found.put(key, new Setting(key.path(), standIn, origin, origin.toString()));
              return standIn;
            });
  }

  /// Where the value that was found stands in the file, when that is under another name than ours.
  Optional<String> original(Key key) {
    return Optional.ofNullable(found.get(key))
        .filter(setting -> setting.origin() == Origin.FILE)
        .map(setting -> setting.source().substring(file.name().length() + 2))
        .filter(path -> !path.equals(key.path()));
  }

  /// The value that was found counts for nothing; the key's own default does.
  void ignore(Key key) {
    found.put(
        key, new Setting(key.path(), key.fallback(), Origin.DEFAULT, Origin.DEFAULT.toString()));
  }

  /// The value read by `reader`, which is given the field's name for messages.
  <T> T read(Key key, T standIn, BiFunction<String, String, T> reader) {
    String text = text(key);
    return faults.guard(standIn, () -> reader.apply(label(key), text));
  }

  /// Key and the place that its value came from, for messages.
  String label(Key key) {
    var setting = found.get(key);
    return setting == null
            || setting.origin() == Origin.DEFAULT
            || setting.origin() == Origin.PRESET
        ? key.path()
        : key.path() + " (" + setting.source() + ")";
  }

  /// Shows a structured setting of the file.
  void show(String name, String value, Origin origin) {
    structured.add(new Setting(name, value, origin, file.name()));
  }

  /// Everything asked for so far, sorted, secrets masked.
  List<Setting> effective() {
    var all = new ArrayList<>(structured);
    found.forEach(
        (key, s) ->
            all.add(
                key.secret() && !s.value().isEmpty()
                    ? new Setting(s.name(), "***", s.origin(), s.source())
                    : s));
    all.sort(Comparator.comparing(Setting::name));
    return List.copyOf(all);
  }

  /// Warns of flags, variables and file keys that mean nothing here.
  void warnUnknown() {
    var variables = new HashSet<>(NOT_OURS);
    var paths = new HashSet<String>();
    var names = new HashSet<String>();
    for (Key key : Key.values()) {
      variables.addAll(key.variables());
      paths.add(key.path());
      paths.addAll(key.otherPaths());
      names.add(key.path());
    }
    for (String variable : env.ownNames()) {
      if (!variables.contains(variable)) {
        faults.warn("environment: " + variable + " is not known to this build and was ignored");
      }
    }
    file.unknownPaths(paths).forEach(path -> faults.warn(file.name() + ": " + path + why(path)));
    flags.keySet().stream()
        .filter(name -> !names.contains(name))
        .forEach(name -> faults.invalid("flag", name, "the name of a setting"));
  }

  private static String why(String path) {
    return OriginalKeys.reason(path)
        .map(reason -> " has no effect: " + reason)
        .orElse(" is not known and was ignored");
  }

  private Optional<Setting> fromFlag(Key key) {
    return Optional.ofNullable(flags.get(key.path()))
        .map(value -> new Setting(key.path(), value, Origin.FLAG, key.flag()));
  }

  private Optional<Setting> fromEnv(Key key) {
    Setting first = null;
    for (String name : key.variables()) {
      var value = env.get(name);
      if (value.isEmpty()) {
        continue;
      }
      if (first == null) {
        first = new Setting(key.path(), value.get(), Origin.ENV, name);
      } else if (!first.value().equals(value.get())) {
        faults.fault(
            first.source()
                + " and "
                + name
                + " name the same setting ("
                + key.path()
                + ") with different values; unset one of them");
      }
    }
    return Optional.ofNullable(first);
  }

  private Optional<Setting> fromFile(Key key) {
    return scalarAt(key, key.path())
        .or(
            () ->
                key.otherPaths().stream()
                    .flatMap(path -> scalarAt(key, path).stream())
                    .findFirst());
  }

  private Optional<Setting> scalarAt(Key key, String path) {
    return file.scalar(path)
        .map(value -> new Setting(key.path(), value, Origin.FILE, file.name() + ": " + path));
  }
}
