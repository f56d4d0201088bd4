package io.ringrift.managers.sync;

import io.ringrift.managers.DigestCache;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Remembers in memory and counts what it could not tell.
final class MemoryDigestCache implements DigestCache {
  private final Map<Identity, String> known = new ConcurrentHashMap<>();
  private final AtomicInteger misses = new AtomicInteger();

  @Override
  public Optional<String> get(Identity file) {
    var found = Optional.ofNullable(known.get(file));
    if (found.isEmpty()) {
      misses.incrementAndGet();
    }
    return found;
  }

  @Override
  public void put(Identity file, String sha256) {
    known.put(file, sha256);
  }

  @Override
  public void forget(String path) {
    known.keySet().removeIf(identity -> identity.path().equals(path));
  }

  int misses() {
    return misses.get();
  }
}
