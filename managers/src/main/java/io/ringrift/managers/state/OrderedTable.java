package io.ringrift.managers.state;

import com.google.protobuf.MessageLite;
import io.ringrift.kernel.Pure;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// Entities by id and in the order of their creation.
@Pure
final class OrderedTable<T extends MessageLite> {
  private final Changes changes;
  private final Family family;
  private final Function<T, String> id;
  private final ToLongFunction<T> sequence;
  private final Map<String, T> byId = new TreeMap<>();
  private final TreeMap<Long, T> bySequence = new TreeMap<>();

  /// @param sequence place in the order of creation; an entity never changes it
  OrderedTable(Changes changes, Family family, Function<T, String> id, ToLongFunction<T> sequence) {
    this.changes = changes;
    this.family = family;
    this.id = id;
    this.sequence = sequence;
  }

  void load(T entity) {
    byId.put(id.apply(entity), entity);
    bySequence.put(sequence.applyAsLong(entity), entity);
  }

  @Nullable T get(String key) {
    return byId.get(key);
  }

  void put(T entity) {
    T before = byId.get(id.apply(entity));
    load(entity);
    changes.record(family, Keys.of(id.apply(entity)), before, entity);
  }

  /// Forgets the oldest of a kind when there are more than so many.
  void forget(int most, Predicate<T> kind) {
    List<T> all = bySequence.values().stream().filter(kind).toList();
    all.stream().limit(Math.max(0, all.size() - most)).forEach(this::remove);
  }

  private void remove(T entity) {
    byId.remove(id.apply(entity));
    bySequence.remove(sequence.applyAsLong(entity));
    changes.record(family, Keys.of(id.apply(entity)), entity, null);
  }

  Collection<T> newestFirst() {
    return Collections.unmodifiableCollection(bySequence.descendingMap().values());
  }
}
