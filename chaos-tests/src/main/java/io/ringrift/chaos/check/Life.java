package io.ringrift.chaos.check;

import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import java.util.ArrayList;
import java.util.List;

/// A moment in the life of a work item, as the search of `Linearization` believes it. Everything
/// happens as early as it can: that leaves the most room for what comes next.
///
/// @param state name of the item's state, or `ABSENT`
/// @param worker who holds it or held it when it ended; empty when nobody
/// @param token of the last claim; `ANY` after a claim whose answer is not known
/// @param greatest token that was surely given out
/// @param at earliest time of what was placed last, in nanoseconds: nothing that comes next can be
///   over before it
/// @param leaseFrom earliest time of the claim or renewal that the lease counts from
/// @param result that it was completed with
record Life(
    String state,
    String worker,
    long token,
    long greatest,
    long at,
    long leaseFrom,
    String result) {
  static final String ABSENT = "ABSENT";
  static final String PENDING = "PENDING";
  static final String CLAIMED = "CLAIMED";
  static final String RUNNING = "RUNNING";
  static final String COMPLETED = "COMPLETED";
  static final String CANCELLED = "CANCELLED";
  static final String FAILED = "FAILED";
  static final String TIMEOUT = "TIMEOUT";
  static final Life NONE = new Life(ABSENT, "", 0, 0, 0, 0, "");

  private static final long ANY = -1;

  boolean held() {
    return state.equals(CLAIMED) || state.equals(RUNNING);
  }

  /// Lives after the operation; none when it cannot happen here.
  ///
  /// @param leaseNanos least time from a claim to the end of its lease; 0 when leases may end any
  ///   time
  List<Life> after(Operation operation, long leaseNanos) {
    var all = new ArrayList<Life>();
    if (operation.returnedNanos() >= at) {
      later(operation.invokedNanos()).step(operation, all);
    }
    long over = Math.max(at, leaseFrom + leaseNanos);
    if (held() && operation.returnedNanos() >= over) {
      Life expired = later(Math.max(over, operation.invokedNanos()));
      expired.ended(PENDING).step(operation, all);
      expired.ended(TIMEOUT).step(operation, all);
    }
    return all;
  }

  private Life later(long moment) {
    return new Life(state, worker, token, greatest, Math.max(at, moment), leaseFrom, result);
  }

  private Life ended(String end) {
    return new Life(end, end.equals(PENDING) ? "" : worker, token, greatest, at, leaseFrom, result);
  }

  private void step(Operation operation, List<Life> all) {
    if (operation.outcome() == Outcome.FAIL) {
      refused(operation, all);
      return;
    }
    switch (operation.kind()) {
      case SUBMIT -> submit(all);
      case CLAIM -> claim(operation, all);
      case START -> held(operation, all, RUNNING);
      case RENEW -> renew(operation, all);
      case COMPLETE -> complete(operation, all);
      case FAIL -> failed(operation, all);
      case RELEASE -> held(operation, all, PENDING);
      case CANCEL -> cancel(all);
      case REQUEUE -> requeue(all);
      case READ -> read(operation, all);
      case SPAWN, READ_JOB, CANCEL_JOB, SYNC, ORDER -> all.add(this);
    }
  }

  /// A claim that was refused as stale does not hold.
  private void refused(Operation operation, List<Life> all) {
    if (!heldUnder(operation)) {
      all.add(this);
    }
  }

  private boolean heldUnder(Operation operation) {
    return held() && worker.equals(operation.client()) && mayBe(operation.token());
  }

  private boolean mayBe(long value) {
    return token == ANY ? value > greatest : token == value;
  }

  private void submit(List<Life> all) {
    if (state.equals(ABSENT)) {
      all.add(new Life(PENDING, "", 0, 0, at, 0, ""));
    }
  }

  private void claim(Operation operation, List<Life> all) {
    if (!state.equals(PENDING)) {
      return;
    }
    if (!operation.ok()) {
      all.add(new Life(CLAIMED, operation.client(), ANY, greatest, at, at, result));
    } else if (operation.answer().token() > greatest) {
      long given = operation.answer().token();
      all.add(new Life(CLAIMED, operation.client(), given, given, at, at, result));
    }
  }

  private void held(Operation operation, List<Life> all, String next) {
    if (heldUnder(operation)) {
      all.add(
          new Life(
              next,
              next.equals(PENDING) ? "" : worker,
              operation.token(),
              operation.token(),
              at,
              leaseFrom,
              result));
    }
  }

  private void renew(Operation operation, List<Life> all) {
    if (heldUnder(operation)) {
      all.add(new Life(state, worker, operation.token(), operation.token(), at, at, result));
    }
  }

  private void complete(Operation operation, List<Life> all) {
    boolean repeated =
        state.equals(COMPLETED)
            && worker.equals(operation.client())
            && mayBe(operation.token())
            && result.equals(operation.argument());
    if (repeated) {
      all.add(this);
    } else if (heldUnder(operation)) {
      long under = operation.token();
      all.add(new Life(COMPLETED, worker, under, under, at, leaseFrom, operation.argument()));
    }
  }

  private void failed(Operation operation, List<Life> all) {
    String told = operation.answer().state();
    for (String next : List.of(PENDING, FAILED)) {
      if (told.isEmpty() || told.equals(next)) {
        held(operation, all, next);
      }
    }
  }

  private void cancel(List<Life> all) {
    if (state.equals(CANCELLED)) {
      all.add(this);
    } else if (held() || state.equals(PENDING)) {
      all.add(ended(CANCELLED));
    }
  }

  private void requeue(List<Life> all) {
    if (state.equals(FAILED) || state.equals(TIMEOUT)) {
      all.add(ended(PENDING));
    }
  }

  private void read(Operation operation, List<Life> all) {
    var told = operation.answer();
    if (!told.state().equals(state)) {
      return;
    }
    if (state.equals(COMPLETED) && !told.text().isEmpty() && !told.text().equals(result)) {
      return;
    }
    boolean named = held() || state.equals(COMPLETED);
    if (named && !told.worker().isEmpty() && !told.worker().equals(worker)) {
      return;
    }
    if (!named || told.token() == 0) {
      all.add(this);
    } else if (mayBe(told.token())) {
      all.add(new Life(state, worker, told.token(), told.token(), at, leaseFrom, result));
    }
  }

  /// For people.
  @Override
  public String toString() {
    return state
        + (worker.isEmpty() ? "" : " by " + worker)
        + (token > 0 ? " under token " + token : token == ANY ? " under an unknown token" : "");
  }
}
