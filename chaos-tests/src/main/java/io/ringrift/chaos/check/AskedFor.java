package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Whether somebody had asked for what a read of an item shows by the time that it was told, and
/// how long ago what it does not show was acknowledged.
final class AskedFor {
  private final Map<String, List<Operation>> byItem = new HashMap<>();

  /// Of claims whose item nobody knows.
  private final List<Operation> claims = new ArrayList<>();

  private AskedFor(RunEvidence run) {
    for (Operation one : run.history().operations()) {
      if (!one.key().isEmpty() && Items.aboutItems(one.kind()) && !one.reads()) {
        byItem.computeIfAbsent(one.key(), _ -> new ArrayList<>()).add(one);
      } else if (one.kind() == Kind.CLAIM && one.outcome() == Outcome.UNKNOWN) {
        claims.add(one);
      }
    }
  }

  /// @param old reads that were answered
  /// @return longest time between an acknowledgement and a read that does not show it
  static long check(RunEvidence run, List<Operation> old, List<Finding> findings) {
    var asked = new AskedFor(run);
    long behind = 0;
    for (Operation read : old) {
      List<Operation> item = asked.byItem.getOrDefault(read.key(), List.of());
      // Of an item from before the run nobody recorded everything.
      if (read.kind() != Kind.READ || item.stream().noneMatch(o -> o.kind() == Kind.SUBMIT)) {
        continue;
      }
      if (!asked.explains(item, read)) {
        findings.add(
            Finding.of(
                "item %s: nobody had asked for what was shown:%n  %s".formatted(read.key(), read),
                List.of(read)));
      }
      behind = Math.max(behind, behind(item, read));
    }
    return behind;
  }

  private boolean explains(List<Operation> item, Operation read) {
    Answer told = read.answer();
    return switch (told.state()) {
      case Life.CLAIMED, Life.TIMEOUT -> claimed(item, read);
      case Life.RUNNING -> claimed(item, read) && reported(item, read, Kind.START);
      case Life.FAILED -> reported(item, read, Kind.FAIL);
      case Life.CANCELLED ->
          item.stream().anyMatch(o -> o.kind() == Kind.CANCEL && before(o, read));
      case Life.COMPLETED ->
          item.stream()
              .anyMatch(
                  o ->
                      o.kind() == Kind.COMPLETE
                          && before(o, read)
                          && o.client().equals(told.worker())
                          && o.token() == told.token()
                          && o.argument().equals(told.text()));
      default -> true;
    };
  }

  private boolean claimed(List<Operation> item, Operation read) {
    String worker = read.answer().worker();
    long token = read.answer().token();
    return item.stream()
            .anyMatch(
                o ->
                    o.kind() == Kind.CLAIM
                        && before(o, read)
                        && o.client().equals(worker)
                        && (!o.ok() || o.answer().token() == token))
        || claims.stream().anyMatch(o -> before(o, read) && o.client().equals(worker));
  }

  /// By who holds it, under its token.
  private static boolean reported(List<Operation> item, Operation read, Kind kind) {
    return item.stream()
        .anyMatch(
            o ->
                o.kind() == kind
                    && before(o, read)
                    && o.client().equals(read.answer().worker())
                    && o.token() == read.answer().token());
  }

  private static boolean before(Operation asked, Operation read) {
    return asked.invokedNanos() <= read.returnedNanos();
  }

  private static long behind(List<Operation> item, Operation read) {
    String state = read.answer().state();
    return item.stream()
        .filter(o -> o.ok() && o.returnedNanos() < read.invokedNanos())
        .filter(
            o ->
                switch (o.kind()) {
                  case SUBMIT -> state.equals(Life.ABSENT);
                  case COMPLETE -> !state.equals(Life.COMPLETED);
                  case CANCEL -> !state.equals(Life.CANCELLED);
                  default -> false;
                })
        .mapToLong(o -> read.invokedNanos() - o.returnedNanos())
        .max()
        .orElse(0);
  }
}
