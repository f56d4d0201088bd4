package io.ringrift.managers.status;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;

/// One thing to ask for.
///
/// @param question may block; interrupted at the deadline
/// @param shown figures for people, by name
record Block<T>(
    String name, Class<T> type, Callable<T> question, Function<T, Map<String, Object>> shown) {
  static Block<Figures> figures(String name, Callable<Map<String, Object>> question) {
    return new Block<>(name, Figures.class, () -> new Figures(question.call()), Figures::values);
  }

  /// Figures by name.
  record Figures(Map<String, Object> values) {}
}
