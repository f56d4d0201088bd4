package io.ringrift.node.config;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Collects what is wrong with a configuration, so that all of it can be told at once.
final class Faults {
  private final List<String> faults = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  void invalid(String field, String value, String rule) {
    fault(Refusal.invalid(field, value, rule).text());
  }

  void fault(String text) {
    faults.add(text);
  }

  void warn(String text) {
    warnings.add(text);
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  /// The value, or the stand-in after noting the refusal.
  <T> T guard(T standIn, Supplier<T> value) {
    try {
      return value.get();
    } catch (Refusal refusal) {
      fault(refusal.text());
      return standIn;
    }
  }

  /// Refuses when there is any fault, naming all.
  <T> T checked(T value) {
    if (faults.isEmpty()) {
      return value;
    }
    var text = new StringBuilder("the configuration has ");
    text.append(faults.size()).append(faults.size() == 1 ? " fault" : " faults");
    text.append(" and was not taken:");
    faults.forEach(fault -> text.append("\n  - ").append(fault));
    var refusal = new Refusal(Reason.INVALID_ARGUMENT, text.toString());
    for (int i = 0; i < faults.size(); i++) {
      refusal.with("fault." + (i + 1), faults.get(i));
    }
    throw refusal;
  }
}
