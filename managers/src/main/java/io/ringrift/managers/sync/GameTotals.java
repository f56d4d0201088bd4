package io.ringrift.managers.sync;

import io.ringrift.kernel.Pure;
import io.ringrift.sync.v1.FileEntry;
import io.ringrift.sync.v1.Manifest;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.TreeMap;

/// Self-play games by configuration, over the manifests of many nodes: a content counts once,
/// however many nodes hold it under whatever name.
@Pure
final class GameTotals {
  private GameTotals() {}

  static Map<String, Long> of(Collection<Manifest> manifests) {
    var seen = new HashSet<String>();
    var totals = new TreeMap<String, Long>();
    for (Manifest manifest : manifests) {
      for (FileEntry file : manifest.getFilesList()) {
        boolean counts = file.getFileType().equals("selfplay") && !file.getConfigKey().isEmpty();
        if (counts && seen.add(file.getSha256())) {
          totals.merge(file.getConfigKey(), Math.max(0, file.getGameCount()), Long::sum);
        }
      }
    }
    return totals;
  }
}
