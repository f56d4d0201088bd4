package io.ringrift.chaos.check;

import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads of an item in the order of the ledger, whoever answered: of one index all tell the same;
/// what ended for good stays as it is; a claim that was given out before another is over for good.
final class IndexedReads {
  private static final Set<String> FOR_GOOD = Set.of(Life.COMPLETED, Life.CANCELLED);

  private final List<Finding> findings;
  private @Nullable Operation before;

  /// Greatest token that was seen, and whether it was seen to be over.
  private long token;

  private boolean over;

  private IndexedReads(List<Finding> findings) {
    this.findings = findings;
  }

  /// @param told reads that were answered, of any level
  static void check(List<Operation> told, List<Finding> findings) {
    Map<String, List<Operation>> byItem =
        told.stream()
            .filter(read -> read.kind() == Kind.READ && read.answer().index() > 0)
            .sorted(Comparator.comparingLong(read -> read.answer().index()))
            .collect(Collectors.groupingBy(Operation::key));
    byItem
        .values()
        .forEach(
            reads -> {
              var item = new IndexedReads(findings);
              reads.forEach(item::next);
            });
  }

  private void next(Operation read) {
    Answer now = read.answer();
    if (before != null) {
      compare(before, before.answer(), read, now);
    }
    over = now.token() == 0 ? token > 0 : over && now.token() <= token;
    token = Math.max(token, now.token());
    before = read;
  }

  private void compare(Operation one, Answer then, Operation read, Answer now) {
    boolean same =
        then.state().equals(now.state())
            && then.token() == now.token()
            && then.worker().equals(now.worker())
            && then.text().equals(now.text());
    if (then.index() == now.index() && !same) {
      findings.add(found("two things are told of one index", one, read));
    } else if (FOR_GOOD.contains(then.state()) && !same) {
      findings.add(found("what had ended is something else at a later index", one, read));
    } else if (now.token() > 0 && (now.token() < token || (over && now.token() == token))) {
      findings.add(found("a claim that was over holds at a later index", one, read));
    }
  }

  private static Finding found(String what, Operation one, Operation read) {
    return Finding.of(
        "item " + read.key() + ": " + what + ":\n  " + one + "\n  " + read, List.of(one, read));
  }
}
