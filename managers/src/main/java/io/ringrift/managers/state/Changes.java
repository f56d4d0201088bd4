package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.ringrift.kernel.Pure;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Entities changed since the last write, each with its value before the first and after the last
/// change.
@Pure
final class Changes {
  /// Names one entity.
  record Key(Family family, ByteString key) {}

  /// An entity's value before and after; null where there was none.
  record Values(@Nullable MessageLite before, @Nullable MessageLite after) {}

  private final Map<Key, Values> entities = new LinkedHashMap<>();

  void record(
      Family family, ByteString key, @Nullable MessageLite before, @Nullable MessageLite after) {
    entities.merge(
        new Key(family, key),
        new Values(before, after),
        (first, last) -> new Values(first.before(), last.after()));
  }

  /// Hands the changes over and begins anew.
  Map<Key, Values> take() {
    var taken = new LinkedHashMap<>(entities);
    entities.clear();
    return taken;
  }
}
