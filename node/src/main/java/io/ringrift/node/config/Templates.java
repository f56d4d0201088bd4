package io.ringrift.node.config;

import java.util.Set;
import java.util.TreeSet;

/// Settings that name a template.
final class Templates {
  private Templates() {}

  /// Another node of the cluster may declare what this one does not, so it is no fault.
  ///
  /// @param template empty names none
  static void warnUndeclared(Faults faults, String field, String template, Set<String> declared) {
    if (!template.isEmpty() && !declared.contains(template)) {
      faults.warn(
          field
              + " is "
              + template
              + ", which is no template of this file or of the built-in ones "
              + new TreeSet<>(declared)
              + ": its work waits until a node declares it");
    }
  }
}
