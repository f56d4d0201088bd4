package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.ViewSample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/// Times in which nobody of some nodes answered. What they would have seen and done then comes
/// later, and none of it can be told from what was asked.
final class Stillness {
  /// Nodes are asked five times a second.
  private static final long STILL = 500_000_000;

  /// In the order of time; none overlaps another.
  private final List<Span> spans;

  private record Span(long from, long to) {}

  private Stillness(List<Span> spans) {
    this.spans = spans;
  }

  /// None of these came for more than 0.5 s.
  static Stillness ofRoles(RunEvidence run, Predicate<RoleSample> answers) {
    return new Stillness(roles(run, answers));
  }

  /// The node did not tell its role for more than 0.5 s, or did not tell its members.
  static Stillness ofViews(RunEvidence run, String node) {
    var all = roles(run, sample -> sample.node().equals(node));
    long since = Long.MAX_VALUE;
    for (ViewSample view : run.views()) {
      if (!view.node().equals(node)) {
        continue;
      }
      if (!view.told()) {
        since = Math.min(since, view.atNanos());
      } else if (since != Long.MAX_VALUE) {
        all.add(new Span(since, view.atNanos()));
        since = Long.MAX_VALUE;
      }
    }
    if (since != Long.MAX_VALUE) {
      all.add(new Span(since, Long.MAX_VALUE));
    }
    return new Stillness(merged(all));
  }

  private static List<Span> roles(RunEvidence run, Predicate<RoleSample> answers) {
    var spans = new ArrayList<Span>();
    long last = 0;
    for (RoleSample sample : run.samples()) {
      if (sample.answered() && answers.test(sample)) {
        if (sample.atNanos() - last > STILL) {
          spans.add(new Span(last, sample.atNanos()));
        }
        last = sample.atNanos();
      }
    }
    spans.add(new Span(last, Long.MAX_VALUE));
    return spans;
  }

  private static List<Span> merged(List<Span> all) {
    all.sort(Comparator.comparingLong(Span::from));
    var merged = new ArrayList<Span>();
    for (Span span : all) {
      if (!merged.isEmpty() && merged.getLast().to() >= span.from()) {
        Span last = merged.removeLast();
        merged.add(new Span(last.from(), Math.max(last.to(), span.to())));
      } else {
        merged.add(span);
      }
    }
    return merged;
  }

  /// How much of the time between was still.
  long within(long from, long to) {
    return spans.stream()
        .filter(span -> span.to() != Long.MAX_VALUE || to - span.from() > STILL)
        .mapToLong(span -> Math.min(span.to(), to) - Math.max(span.from(), from))
        .filter(nanos -> nanos > 0)
        .sum();
  }

  /// How much of it was not.
  long awake(long from, long to) {
    return to - from - within(from, to);
  }
}
