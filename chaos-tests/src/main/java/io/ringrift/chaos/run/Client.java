package io.ringrift.chaos.run;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.queue.v1.WorkItem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

/// One client: a worker and its own customer. It repeats a call under its request id until it is
/// answered or its patience is over, so that few outcomes stay unknown. One thread; `hurry` and
/// `close` are for any.
final class Client implements AutoCloseable {
  private static final Duration TRY = Duration.ofSeconds(2);
  private static final Duration AGAIN = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  /// One of so many jobs is cancelled.
  private static final int CANCELLED_OF = 5;

  /// Proof that nothing happened: the server checked before it did anything.
  private static final Set<Reason> REFUSED =
      Set.of(
          Reason.INVALID_ARGUMENT,
          Reason.STALE_CLAIM,
          Reason.ILLEGAL_TRANSITION,
          Reason.WORK_NOT_FOUND,
          Reason.BACKPRESSURE,
          Reason.NO_CAPACITY,
          Reason.UNAUTHENTICATED,
          Reason.PERMISSION_DENIED);

  /// Sent elsewhere before anything was done.
  private static final Set<Reason> NOT_DONE = Set.of(Reason.NOT_LEADER, Reason.MODE_SWITCH);

  private record Held(String id, long token) {}

  private final String name;
  private final History history;
  private final Items items;
  private final SplittableRandom random;
  private final ClusterClient cluster;
  private final QueueCalls calls;
  private final Ticker ticker = Ticker.system();
  private final Anywhere anywhere;
  private Optional<Held> held = Optional.empty();

  /// A claim that was given back, failed or left to run out: reported on once more, too late.
  private Optional<Held> late = Optional.empty();

  private int requests;

  /// A try of the call at hand had no answer: a refusal behind it proves nothing.
  private boolean unclear;

  private volatile boolean hurried;

  Client(Clients.Setup setup, int number, History history, Items items, SplittableRandom random) {
    this.name = setup.prefix() + "c" + number;
    this.history = history;
    this.items = items;
    this.random = random;
    this.calls = new QueueCalls(name, setup);
    var from = new ArrayList<Endpoint>(setup.addresses());
    Collections.rotate(from, -number);
    this.cluster = new ClusterClient(from, setup.token(), TRY);
    this.anywhere = new Anywhere(from, setup.token(), TRY);
  }

  String name() {
    return name;
  }

  /// One operation by chance.
  void step(Set<String> kinds) {
    if (kinds.contains("jobs") && (!kinds.contains("queue") || random.nextInt(20) == 0)) {
      spawn();
      return;
    }
    if (late.isPresent() && random.nextInt(12) == 0) {
      complete(late.get());
      late = Optional.empty();
      return;
    }
    int roll = random.nextInt(100);
    if (held.isPresent() && roll < 55) {
      report(held.get(), random.nextInt(100));
    } else if (roll < 30) {
      submit();
    } else if (roll < 55 && held.isEmpty()) {
      claim();
    } else if (roll < 97) {
      items.any(random).ifPresent(this::read);
    } else {
      items.any(random).ifPresent(this::cancel);
    }
  }

  private String request() {
    requests++;
    return name + "-" + requests;
  }

  /// @return whether it was acknowledged
  boolean submit() {
    String id = request();
    return write(
        History.ask(name, Kind.SUBMIT, "").withRequest(id).withArgument(id),
        channel -> answer(calls.submit(channel, id)),
        answer -> items.add(answer.key()));
  }

  /// Several items by one call; each is an operation of its own in the history.
  void submitMany(int count) {
    String id = request();
    var asked = new ArrayList<History.Call>();
    for (int i = 0; i < count; i++) {
      asked.add(
          history.invoke(
              History.ask(name, Kind.SUBMIT, "")
                  .withRequest(id + "/" + i)
                  .withArgument(id + "/" + i)));
    }
    try {
      List<WorkItem> made = repeat(channel -> calls.submitMany(channel, id, count));
      for (int i = 0; i < count; i++) {
        asked.get(i).ok(answer(made.get(i)));
        items.add(made.get(i).getWorkId());
        items.acknowledge();
      }
    } catch (Refusal refusal) {
      asked.forEach(call -> end(call, refusal));
    }
  }

  private void claim() {
    String id = request();
    write(
        History.ask(name, Kind.CLAIM, "").withRequest(id),
        channel -> calls.claim(channel, id).map(Client::answer).orElse(Answer.done("")),
        answer -> {
          if (!answer.key().isEmpty()) {
            held = Optional.of(new Held(answer.key(), answer.token()));
          }
        });
  }

  /// Most are completed; some are renewed first, given back, failed, or left to run out.
  private void report(Held claim, int roll) {
    if (roll < 20) {
      renew(claim);
      return;
    }
    held = Optional.empty();
    if (roll < 80) {
      complete(claim);
      return;
    }
    late = Optional.of(claim);
    if (roll < 87) {
      write(
          of(Kind.RELEASE, claim),
          channel -> answer(calls.release(channel, claim.id(), claim.token())),
          _ -> {});
    } else if (roll < 94) {
      write(
          of(Kind.FAIL, claim),
          channel -> answer(calls.fail(channel, claim.id(), claim.token())),
          _ -> {});
    }
  }

  private void complete(Held claim) {
    String result = request();
    write(
        of(Kind.COMPLETE, claim).withArgument(result),
        channel -> answer(calls.complete(channel, claim.id(), claim.token(), result)),
        _ -> {});
  }

  private History.Ask of(Kind kind, Held claim) {
    return History.ask(name, kind, claim.id()).withToken(claim.token());
  }

  private void renew(Held claim) {
    var call = history.invoke(of(Kind.RENEW, claim));
    try {
      if (repeat(channel -> calls.renew(channel, claim.id(), claim.token()))) {
        call.ok(Answer.done(claim.id()));
      } else {
        call.fail(Operation.CLAIM_LOST);
        held = Optional.empty();
      }
    } catch (Refusal refusal) {
      end(call, refusal);
    }
  }

  private void cancel(String item) {
    String id = request();
    write(
        History.ask(name, Kind.CANCEL, item).withRequest(id),
        channel -> answer(calls.cancel(channel, item, id)),
        _ -> {});
  }

  private void read(String item) {
    var call = history.invoke(History.ask(name, Kind.READ, item).withArgument("linearizable"));
    try {
      call.ok(answer(random.nextInt(3) == 0 ? readAnywhere(item) : readAtLeader(item)));
    } catch (Refusal refusal) {
      if (refusal.reason() == Reason.WORK_NOT_FOUND) {
        call.ok(new Answer(item, "ABSENT", 0, "", ""));
      } else {
        end(call, refusal);
      }
    }
  }

  private WorkItem readAtLeader(String item) {
    return repeat(channel -> calls.read(channel, item));
  }

  /// What one node says by itself; most say that another leads, and then that one is asked.
  private WorkItem readAnywhere(String item) {
    try {
      return calls.read(anywhere.one(random), item);
    } catch (StatusRuntimeException e) {
      Refusal refusal = Errors.fromStatus(e);
      if (refusal.reason() == Reason.WORK_NOT_FOUND) {
        throw refusal;
      }
      return readAtLeader(item);
    }
  }

  private void spawn() {
    String id = request();
    write(
        History.ask(name, Kind.SPAWN, "").withRequest(id).withArgument(id),
        channel -> Answer.done(calls.spawn(channel, id, "")),
        answer -> {
          if (random.nextInt(CANCELLED_OF) == 0) {
            cancelJob(answer.key());
          }
        });
  }

  /// A job that has to run at that node.
  ///
  /// @return its id; empty when it was not acknowledged
  Optional<String> spawnAt(String node) {
    String id = request();
    var jobs = new ArrayList<String>();
    write(
        History.ask(name, Kind.SPAWN, "").withRequest(id).withArgument(id),
        channel -> Answer.done(calls.spawn(channel, id, node)),
        answer -> jobs.add(answer.key()));
    return jobs.stream().findFirst();
  }

  /// A job that waits ends at once; of one that a node has, only the order to stop is on its way.
  private void cancelJob(String job) {
    String id = request();
    write(
        History.ask(name, Kind.CANCEL_JOB, job).withRequest(id),
        channel -> new Answer(job, calls.cancelJob(channel, job, id), 0, "", ""),
        _ -> {});
  }

  /// @return whether it was acknowledged
  private boolean write(History.Ask ask, Function<Channel, Answer> how, Consumer<Answer> then) {
    var call = history.invoke(ask);
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

  private void end(History.Call call, Refusal refusal) {
    if (REFUSED.contains(refusal.reason()) && !unclear) {
      call.fail(refusal.reason().name());
    } else {
      call.unknown(refusal.reason() + ": " + refusal.text());
    }
  }

  private <T> T repeat(Function<Channel, T> how) {
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

  private static Answer answer(WorkItem item) {
    return new Answer(
        item.getWorkId(),
        item.getState().name().replace("WORK_STATE_", ""),
        item.getClaimToken(),
        item.getClaimedBy(),
        item.getResult());
  }

  /// Repeats no call any more.
  void hurry() {
    hurried = true;
  }

  @Override
  public void close() {
    hurried = true;
    cluster.close();
    anywhere.close();
  }
}
