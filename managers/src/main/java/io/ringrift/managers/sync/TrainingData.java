package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// What nodes that train need of the files of all: self-play data. What a model needs beyond that
/// is fetched by the job that names it.
@Pure
final class TrainingData {
  private TrainingData() {}

  static SortedMap<NodeId, List<Content>> of(SortedMap<NodeId, List<Content>> holdings) {
    var data = new TreeMap<NodeId, List<Content>>();
    holdings.forEach(
        (node, files) ->
            data.put(
                node,
                files.stream()
                    .filter(file -> FileKinds.typeOf(file.path()).orElse("").equals("selfplay"))
                    .toList()));
    return data;
  }
}
