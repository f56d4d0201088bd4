package io.ringrift.chaos.run;

import io.ringrift.chaos.history.History;
import io.ringrift.chaos.scenario.Scenario.Work;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// The clients of one run, each on a virtual thread of its own, each beginning at another node.
/// Started, stopped and asked by one thread; `over`, `join` and `close` are for any.
final class Clients implements AutoCloseable {
  private static final int BATCH = 100;
  private static final Duration LOOK = Duration.ofMillis(100);

  /// A run waits for snapshots, leaders and recovery.
  private static final Duration UNKNOWN = Duration.ofMinutes(5);

  /// Who ends waits for it.
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final Ticker ticker = Ticker.system();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final Items items;
  private final History history;
  private final List<Client> clients = new ArrayList<>();

  /// A client is of one thread: this one is of whoever asks whether the cluster works.
  private final Client prober;

  private volatile boolean over;
  private volatile boolean resting;

  /// @param prefix of all names and payloads: tells them from those of other runs
  /// @param nodes by name, in the order in which clients begin at them
  /// @param effects file into which jobs write
  /// @param token bearer token, where the nodes want one
  record Setup(
      String prefix,
      Map<String, Endpoint> nodes,
      Optional<String> token,
      Duration claimLease,
      Path effects,
      long seed) {
    Setup {
      nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
    }

    /// Without the token.
    @Override
    public String toString() {
      return "clients " + prefix + " of " + nodes + ", seed " + seed;
    }
  }

  Clients(Setup setup, Work work, History history) {
    this.history = history;
    this.items = new Items();
    var random = new SplittableRandom(setup.seed());
    for (int i = 0; i < work.clients(); i++) {
      clients.add(new Client(setup, i, history, items, random.split()));
    }
    this.prober = new Client(setup, work.clients(), history, items, random.split());
  }

  /// Puts so many items into the queue; returns when all are acknowledged or nobody answers.
  void backlog(int wanted) {
    Client first = clients.getFirst();
    for (int done = 0; done < wanted && !over; done += BATCH) {
      first.submitMany(Math.min(BATCH, wanted - done));
    }
  }

  /// @param length of the run, as far as it is known
  /// @param failed told when a client ends by itself before the end
  void start(Work work, Duration length, Consumer<String> failed) {
    var handler = Threads.telling(why -> diedBefore(failed, why));
    for (Client client : clients) {
      threads.add(
          Thread.ofVirtual()
              .name(client.name())
              .uncaughtExceptionHandler(handler)
              .start(
                  () -> {
                    while (!over) {
                      if (!resting) {
                        client.step(work.kinds());
                      }
                      LockSupport.parkNanos(pause(work, length, history.room()).toNanos());
                    }
                  }));
    }
  }

  private void diedBefore(Consumer<String> failed, String why) {
    if (!over) {
      failed.accept(why);
    }
  }

  /// Between two operations of a client. The less room the history has the slower all go, so that
  /// it is not full before the end: one with a gap proves nothing.
  ///
  /// @param length of the run, as far as it is known
  /// @param room for how many calls there is
  static Duration pause(Work work, Duration length, int room) {
    Duration share = length.plus(UNKNOWN).dividedBy(3).multipliedBy(work.clients());
    Duration least = share.dividedBy(Math.max(1, room));
    Duration bounded = least.compareTo(LONGEST) > 0 ? LONGEST : least;
    return bounded.compareTo(work.pace()) > 0 ? bounded : work.pace();
  }

  /// Nobody begins anything, so that claims run out, or all go on. For any thread.
  void rest(boolean rest) {
    resting = rest;
  }

  /// Writes that were acknowledged.
  int acknowledged() {
    return items.acknowledged();
  }

  /// One write, and whether it was acknowledged; none once it is over.
  boolean probe() {
    return !over && prober.submit();
  }

  /// A job for that node alone; empty when it was not acknowledged.
  Optional<String> spawnAt(String node) {
    return prober.spawnAt(node);
  }

  /// Reads at every node what it has, again and again until all that answer have what any had at
  /// first, for so long at most: shows who has caught up. None once it is over.
  void lookAround(Duration longest) {
    Moment end = ticker.now().plus(longest);
    long known = prober.look().values().stream().mapToLong(index -> index).max().orElse(0);
    while (!over && ticker.now().isBefore(end)) {
      if (prober.look().values().stream().allMatch(index -> index >= known)) {
        return;
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  /// Nobody begins anything any more, and who is in a call does not repeat it.
  void over() {
    over = true;
    clients.forEach(Client::hurry);
    prober.hurry();
  }

  /// Waits for calls on their way, so long at most.
  void join(Duration longest) {
    Moment end = ticker.now().plus(longest);
    try {
      for (Thread thread : threads) {
        Duration left = end.since(ticker.now());
        if (left.isPositive()) {
          var _ = thread.join(left);
        }
      }
    } catch (InterruptedException told) {
      Thread.currentThread().interrupt();
    }
  }

  /// Everybody ends after the call that it is in.
  void stop() throws InterruptedException {
    over();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Override
  public void close() {
    over = true;
    clients.forEach(Client::close);
    prober.close();
  }
}
