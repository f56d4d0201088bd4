package io.ringrift.chaos.run;

import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Refusal;
import io.ringrift.queue.v1.WorkItem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/// One client: a worker and its own customer, which does one thing after another by chance. One
/// thread; `hurry` and `close` are for any.
final class Client implements AutoCloseable {
  /// Beside the queue one step of so many spawns a job, and one reads one.
  private static final int JOBS_OF = 20;

  /// One of so many jobs is cancelled.
  private static final int CANCELLED_OF = 5;

  /// States that only a requeue ends.
  private static final Set<String> DEAD = Set.of("FAILED", "TIMEOUT");

  /// @param started whether its work was told to have begun
  private record Held(String id, long token, boolean started) {}

  private final Items items;
  private final SplittableRandom random;
  private final Caller caller;
  private final QueueCalls calls;
  private final Reads reads;
  private Optional<Held> held = Optional.empty();

  /// A claim that was given back, failed or left to run out: reported on once more, too late.
  private Optional<Held> late = Optional.empty();

  /// An item that was seen as a dead letter.
  private Optional<String> dead = Optional.empty();

  Client(Clients.Setup setup, int number, History history, Items items, SplittableRandom random) {
    String name = setup.prefix() + "c" + number;
    this.items = items;
    this.random = random;
    this.calls = new QueueCalls(name, setup);
    var from = new ArrayList<Endpoint>(setup.nodes().values());
    Collections.rotate(from, -number);
    this.caller = new Caller(name, setup, from, history, items);
    this.reads =
        new Reads(caller, calls, new Anywhere(setup.nodes(), setup.token(), Caller.TRY), random);
  }

  String name() {
    return caller.name();
  }

  /// One operation by chance.
  void step(Set<String> kinds) {
    if (kinds.contains("jobs")) {
      int roll = random.nextInt(kinds.contains("queue") ? JOBS_OF : 2);
      if (roll == 0) {
        spawn();
        return;
      }
      if (roll == 1) {
        items.anyJob(random).ifPresent(reads::job);
        return;
      }
    }
    if (late.isPresent() && random.nextInt(12) == 0) {
      complete(late.get());
      late = Optional.empty();
    } else if (dead.isPresent() && random.nextInt(6) == 0) {
      requeue(dead.get());
      dead = Optional.empty();
    } else {
      ordinary(random.nextInt(100));
    }
  }

  private void ordinary(int roll) {
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

  /// @return whether it was acknowledged
  boolean submit() {
    String id = caller.request();
    return caller.write(
        caller.ask(Kind.SUBMIT, "").withRequest(id).withArgument(id),
        channel -> QueueCalls.answer(calls.submit(channel, id)),
        answer -> items.add(answer.key()));
  }

  /// Several items by one call; each is an operation of its own in the history.
  void submitMany(int count) {
    String id = caller.request();
    var asked = new ArrayList<History.Call>();
    for (int i = 0; i < count; i++) {
      asked.add(
          caller.begin(
              caller.ask(Kind.SUBMIT, "").withRequest(id + "/" + i).withArgument(id + "/" + i)));
    }
    try {
      List<WorkItem> made = caller.repeat(channel -> calls.submitMany(channel, id, count));
      for (int i = 0; i < count; i++) {
        asked.get(i).ok(QueueCalls.answer(made.get(i)));
        items.add(made.get(i).getWorkId());
        items.acknowledge();
      }
    } catch (Refusal refusal) {
      asked.forEach(call -> caller.end(call, refusal));
    }
  }

  private void claim() {
    String id = caller.request();
    caller.write(
        caller.ask(Kind.CLAIM, "").withRequest(id),
        channel -> calls.claim(channel, id).map(QueueCalls::answer).orElse(Answer.done("")),
        answer -> {
          if (!answer.key().isEmpty()) {
            held = Optional.of(new Held(answer.key(), answer.token(), false));
          }
        });
  }

  /// Most are completed; some are begun or renewed first, given back, failed, or left to run out.
  private void report(Held claim, int roll) {
    if (roll < 15) {
      renew(claim);
      return;
    }
    if (roll < 30 && !claim.started()) {
      start(claim);
      return;
    }
    held = Optional.empty();
    if (roll < 80) {
      complete(claim);
      return;
    }
    late = Optional.of(claim);
    if (roll < 86) {
      caller.write(
          of(Kind.RELEASE, claim),
          channel -> QueueCalls.answer(calls.release(channel, claim.id(), claim.token())),
          _ -> {});
    } else if (roll < 95) {
      fail(claim, random.nextInt(3) == 0);
    }
  }

  /// What is reported on it from then on shows whether it took effect.
  private void start(Held claim) {
    held = Optional.of(new Held(claim.id(), claim.token(), true));
    caller.write(
        of(Kind.START, claim),
        channel -> QueueCalls.answer(calls.start(channel, claim.id(), claim.token())),
        _ -> {});
  }

  private void fail(Held claim, boolean forGood) {
    caller.write(
        of(Kind.FAIL, claim),
        channel -> QueueCalls.answer(calls.fail(channel, claim.id(), claim.token(), forGood)),
        this::noteDead);
  }

  private void noteDead(Answer told) {
    if (DEAD.contains(told.state())) {
      dead = Optional.of(told.key());
    }
  }

  private void complete(Held claim) {
    String result = caller.request();
    caller.write(
        of(Kind.COMPLETE, claim).withArgument(result),
        channel -> QueueCalls.answer(calls.complete(channel, claim.id(), claim.token(), result)),
        _ -> {});
  }

  private History.Ask of(Kind kind, Held claim) {
    return caller.ask(kind, claim.id()).withToken(claim.token());
  }

  private void renew(Held claim) {
    var call = caller.begin(of(Kind.RENEW, claim));
    try {
      if (caller.repeat(channel -> calls.renew(channel, claim.id(), claim.token()))) {
        call.ok(Answer.done(claim.id()));
      } else {
        call.fail(Operation.CLAIM_LOST);
        held = Optional.empty();
      }
    } catch (Refusal refusal) {
      caller.end(call, refusal);
    }
  }

  private void cancel(String item) {
    String id = caller.request();
    caller.write(
        caller.ask(Kind.CANCEL, item).withRequest(id),
        channel -> QueueCalls.answer(calls.cancel(channel, item, id)),
        _ -> {});
  }

  private void requeue(String item) {
    String id = caller.request();
    caller.write(
        caller.ask(Kind.REQUEUE, item).withRequest(id),
        channel -> QueueCalls.answer(calls.requeue(channel, item, id)),
        _ -> {});
  }

  private void read(String item) {
    reads.item(item).ifPresent(this::noteDead);
  }

  /// Reads at every node what it has of an item that it knows, if it knows one.
  ///
  /// @return those that answered with the index of the ledger that they told
  Map<String, Long> look() {
    return items.any(random).map(reads::everywhere).orElse(Map.of());
  }

  private void spawn() {
    String id = caller.request();
    caller.write(
        caller.ask(Kind.SPAWN, "").withRequest(id).withArgument(id),
        channel -> Answer.done(calls.spawn(channel, id, "")),
        answer -> {
          items.addJob(answer.key());
          if (random.nextInt(CANCELLED_OF) == 0) {
            cancelJob(answer.key());
          }
        });
  }

  /// A job that has to run at that node.
  ///
  /// @return its id; empty when it was not acknowledged
  Optional<String> spawnAt(String node) {
    String id = caller.request();
    var jobs = new ArrayList<String>();
    caller.write(
        caller.ask(Kind.SPAWN, "").withRequest(id).withArgument(id),
        channel -> Answer.done(calls.spawn(channel, id, node)),
        answer -> jobs.add(answer.key()));
    return jobs.stream().findFirst();
  }

  /// A job that waits ends at once; of one that a node has, only the order to stop is on its way.
  private void cancelJob(String job) {
    String id = caller.request();
    caller.write(
        caller.ask(Kind.CANCEL_JOB, job).withRequest(id),
        channel -> calls.cancelJob(channel, job, id),
        _ -> {});
  }

  /// Repeats no call any more.
  void hurry() {
    caller.hurry();
  }

  @Override
  public void close() {
    caller.close();
    reads.close();
  }
}
