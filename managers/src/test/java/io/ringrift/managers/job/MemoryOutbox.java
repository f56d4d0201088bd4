package io.ringrift.managers.job;

import io.ringrift.managers.Outbox;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An outbox that survives what holds it.
final class MemoryOutbox implements Outbox {
  private final Map<String, byte[]> letters = new LinkedHashMap<>();

  @Override
  public synchronized void put(String key, byte[] letter) {
    letters.put(key, letter);
  }

  @Override
  public synchronized void remove(String key) {
    letters.remove(key);
  }

  @Override
  public synchronized List<Letter> all() {
    return letters.entrySet().stream().map(e -> new Letter(e.getKey(), e.getValue())).toList();
  }
}
