package io.ringrift.chaos.sim;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;

/// What happened, as lines of text; made only where somebody reads them. One thread.
final class Trace {
  private static final int KEPT = 80;

  private final boolean on;
  private final Consumer<String> sink;
  private final ArrayDeque<String> last = new ArrayDeque<>();

  private Trace(boolean on, Consumer<String> sink) {
    this.on = on;
    this.sink = sink;
  }

  static Trace off() {
    return new Trace(false, _ -> {});
  }

  static Trace to(Consumer<String> sink) {
    return new Trace(true, sink);
  }

  /// Asked before a line is built.
  boolean on() {
    return on;
  }

  void line(long at, String who, String what) {
    String line = "%14.6f %-3s %s".formatted(at / 1e9, who, what);
    if (last.size() == KEPT) {
      last.removeFirst();
    }
    last.addLast(line);
    sink.accept(line);
  }

  /// The newest lines.
  List<String> last() {
    return List.copyOf(last);
  }
}
