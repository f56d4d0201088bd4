package io.ringrift.chaos.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Records what clients do. Bounded: at the bound, further calls are counted and not kept, and the
/// verdict says so. Safe for any thread.
public final class History {
  private static final Answer NONE = new Answer("", "", 0, "", "");

  /// What a run's clients did.
  ///
  /// @param operations in the order of their invocations
  /// @param dropped calls that the bound left out; checks over a history with a gap prove nothing
  public record Recorded(List<Operation> operations, long dropped) {
    public Recorded {
      operations = List.copyOf(operations);
    }
  }

  /// What a client is about to ask. Build with `ask`, add with the `with…` methods.
  public record Ask(
      String client,
      String node,
      Kind kind,
      String request,
      String key,
      long token,
      String argument) {
    public Ask withRequest(String id) {
      return new Ask(client, node, kind, id, key, token, argument);
    }

    public Ask withNode(String name) {
      return new Ask(client, name, kind, request, key, token, argument);
    }

    public Ask withToken(long value) {
      return new Ask(client, node, kind, request, key, value, argument);
    }

    public Ask withArgument(String value) {
      return new Ask(client, node, kind, request, key, token, value);
    }
  }

  /// @param key id of the item; empty when it is not known yet
  public static Ask ask(String client, Kind kind, String key) {
    return new Ask(client, "", kind, "", key, 0, "");
  }

  private final RunClock clock;
  private final int capacity;
  private final List<Call> calls = new ArrayList<>();
  private long dropped;

  /// @param capacity most operations kept
  public History(RunClock clock, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity is " + capacity + ", it has to be at least 1");
    }
    this.clock = clock;
    this.capacity = capacity;
  }

  /// The call begins now. End it by one of the methods of what is returned; a call that is never
  /// ended counts as unknown.
  public Call invoke(Ask ask) {
    synchronized (calls) {
      var call = new Call(ask, calls.size(), clock.nanos());
      if (calls.size() < capacity) {
        calls.add(call);
      } else {
        dropped++;
      }
      return call;
    }
  }

  /// How many further calls are kept.
  public int room() {
    synchronized (calls) {
      return capacity - calls.size();
    }
  }

  /// Whether calls are left out.
  public boolean full() {
    synchronized (calls) {
      return dropped > 0;
    }
  }

  public Recorded recorded() {
    synchronized (calls) {
      return new Recorded(
          calls.stream()
              .map(Call::operation)
              .sorted(
                  Comparator.comparingLong(Operation::invokedNanos)
                      .thenComparingInt(Operation::number))
              .toList(),
          dropped);
    }
  }

  /// A call on its way. The first ending counts.
  public final class Call {
    private final Ask ask;
    private final int number;
    private final long invoked;
    private @Nullable Operation ended;

    private Call(Ask ask, int number, long invoked) {
      this.ask = ask;
      this.number = number;
      this.invoked = invoked;
    }

    public void ok(Answer answer) {
      end(Outcome.OK, answer, "");
    }

    /// @param reason proof that nothing happened
    public void fail(String reason) {
      end(Outcome.FAIL, NONE, reason);
    }

    public void unknown(String reason) {
      end(Outcome.UNKNOWN, NONE, reason);
    }

    private synchronized void end(Outcome outcome, Answer answer, String reason) {
      if (ended == null) {
        ended = made(outcome, answer, reason, clock.nanos());
      }
    }

    private synchronized Operation operation() {
      return ended != null
          ? ended
          : made(Outcome.UNKNOWN, NONE, "the run ended before an answer came", Operation.NEVER);
    }

    private Operation made(Outcome outcome, Answer answer, String reason, long returned) {
      return new Operation(
          number,
          ask.client(),
          ask.node(),
          ask.kind(),
          ask.request(),
          answer.key().isEmpty() ? ask.key() : answer.key(),
          ask.token(),
          ask.argument(),
          outcome,
          answer,
          reason,
          invoked,
          outcome == Outcome.UNKNOWN ? Operation.NEVER : returned);
    }
  }
}
