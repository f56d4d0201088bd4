package io.ringrift.chaos.run;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.Kind;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.node.client.ClusterClient;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

/// Makes and records the calls of one client. It repeats a call under its request id until it is
/// answered or its patience is over, so that few outcomes stay unknown. One thread; `hurry` and
/// `close` are for any.
final class Caller implements AutoCloseable {
  /// Limit of one try.
  static final Duration TRY = Duration.ofSeconds(2);

  private static final Duration AGAIN = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  /// Proof that nothing happened: the server checked before it did anything.
  private static final Set<Reason> REFUSED =
      Set.of(
          Reason.INVALID_ARGUMENT,
          Reason.STALE_CLAIM,
          Reason.ILLEGAL_TRANSITION,
          Reason.WORK_NOT_FOUND,
          Reason.JOB_NOT_FOUND,
          Reason.BACKPRESSURE,
          Reason.NO_CAPACITY,
          Reason.UNAUTHENTICATED,
          Reason.PERMISSION_DENIED);

  /// Sent elsewhere before anything was done.
  private static final Set<Reason> NOT_DONE = Set.of(Reason.NOT_LEADER, Reason.MODE_SWITCH);

  private final String name;
  private final History history;
  private final Items items;
  private final ClusterClient cluster;
  private final Ticker ticker = Ticker.system();
  private int requests;

  /// A try of the call at hand had no answer: a refusal behind it proves nothing.
  private boolean unclear;

  private volatile boolean hurried;

  /// @param from where it asks, the first one first
  Caller(String name, Clients.Setup setup, List<Endpoint> from, History history, Items items) {
    this.name = name;
    this.history = history;
    this.items = items;
    this.cluster = new ClusterClient(from, setup.token(), TRY);
  }

  String name() {
    return name;
  }

  /// A new id of a request.
  String request() {
    requests++;
    return name + "-" + requests;
  }

  History.Ask ask(Kind kind, String key) {
    return History.ask(name, kind, key);
  }

  History.Call begin(History.Ask ask) {
    return history.invoke(ask);
  }

  /// @return whether it was acknowledged
  boolean write(History.Ask ask, Function<Channel, Answer> how, Consumer<Answer> then) {
    var call = begin(ask);
    try {
      Answer answer = repeat(how);
      call.ok(answer);
      items.acknowledge();
      then.accept(answer);
      return true;
    } catch (Refusal refusal) {
      end(call, refusal);
      return false;
    }
  }

  /// Of what `repeat` did last.
  void end(History.Call call, Refusal refusal) {
    if (REFUSED.contains(refusal.reason()) && !unclear) {
      call.fail(refusal.reason().name());
    } else {
      call.unknown(refusal.reason() + ": " + refusal.text());
    }
  }

  <T> T repeat(Function<Channel, T> how) {
    Moment end = ticker.now().plus(PATIENCE);
    unclear = false;
    while (true) {
      try {
        return cluster.call(channel -> once(channel, how));
      } catch (Refusal refusal) {
        if (REFUSED.contains(refusal.reason())
            || refusal.reason() == Reason.REQUEST_ID_REUSED
            || hurried
            || ticker.now().isAfter(end)) {
          throw refusal;
        }
        LockSupport.parkNanos(AGAIN.toNanos());
      }
    }
  }

  private <T> T once(Channel channel, Function<Channel, T> how) {
    try {
      return how.apply(channel);
    } catch (StatusRuntimeException e) {
      Reason reason = Errors.fromStatus(e).reason();
      unclear |= !NOT_DONE.contains(reason) && !REFUSED.contains(reason);
      throw e;
    }
  }

  /// Repeats no call any more.
  void hurry() {
    hurried = true;
  }

  @Override
  public void close() {
    hurried = true;
    cluster.close();
  }
}
