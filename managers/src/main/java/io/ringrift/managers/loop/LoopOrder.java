package io.ringrift.managers.loop;

import io.ringrift.kernel.Pure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The order in which loops start: dependencies before dependants, names otherwise; unknown
/// dependencies count as met, members of a cycle come last and are told (SPEC 5.7).
@Pure
record LoopOrder(List<String> names, List<String> cyclic) {
  static LoopOrder of(Map<String, List<String>> dependencies) {
    var remaining = new ArrayList<>(dependencies.keySet());
    remaining.sort(null);
    Set<String> placed = new LinkedHashSet<>();
    boolean progress = true;
    while (progress) {
      progress = false;
      for (String name : List.copyOf(remaining)) {
        boolean met =
            dependencies.getOrDefault(name, List.of()).stream()
                .allMatch(d -> placed.contains(d) || !dependencies.containsKey(d));
        if (met) {
          placed.add(name);
          remaining.remove(name);
          progress = true;
        }
      }
    }
    var names = new ArrayList<>(placed);
    names.addAll(remaining);
    return new LoopOrder(List.copyOf(names), List.copyOf(remaining));
  }
}
