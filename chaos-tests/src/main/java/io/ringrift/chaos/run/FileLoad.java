package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.Source;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.kernel.Endpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/// Files as a part of the load: a bounded number is put into the data roots of voters, one behind
/// another, so that some come before, during and after the faults; two clients ask for sync; and
/// every name is looked at again and again, because a file that is half under its final name for a
/// moment is whole again by the end. Each on a virtual thread of its own. Started, stopped and
/// asked by one thread.
final class FileLoad implements AutoCloseable {
  /// Of one run.
  static final int MOST = 12;

  /// The one that takes a while; its turn comes when faults have begun.
  static final int BIG = 4;

  private static final int BIG_BYTES = 3 << 20;
  private static final int SMALL_BYTES = 40_000;
  private static final Duration LEAST_PAUSE = Duration.ofMillis(700);
  private static final Duration LOOK = Duration.ofMillis(25);
  private static final Duration ASK = Duration.ofMillis(600);
  private static final Duration SETTLE = Duration.ofMillis(2500);

  private final Map<String, Endpoint> nodes;
  private final DataFolders folders;
  private final RunClock clock;
  private final EvidenceRecorder recorder;
  private final SyncClient client;
  private final SplittableRandom random;
  private final List<OfferedFile> offered = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  /// @param watch knows who leads
  FileLoad(
      Ground ground,
      Watch watch,
      RunClock clock,
      EvidenceRecorder recorder,
      History history,
      long seed) {
    this.nodes = new LinkedHashMap<>();
    ground.voters().forEach(node -> nodes.put(node, ground.address(node)));
    this.folders = new DataFolders(ground);
    this.clock = clock;
    this.recorder = recorder;
    this.random = new SplittableRandom(seed);
    this.client =
        new SyncClient(
            nodes,
            () -> watch.leader().map(RoleSample::node),
            history,
            this::arrived,
            random.split());
  }

  /// @param length of the faults: files are offered all the time
  void start(Duration length) {
    Duration share = length.dividedBy(MOST);
    Duration pause = share.compareTo(LEAST_PAUSE) < 0 ? LEAST_PAUSE : share;
    var names = List.copyOf(nodes.keySet());
    var contents = random.split();
    begin("files", () -> offer(names, contents, pause));
    begin("files-look", this::look);
    begin("files-run", () -> again(client::run));
    begin("files-fetch", () -> again(() -> client.fetch(offered)));
  }

  private void begin(String name, Runnable what) {
    threads.add(
        Thread.ofVirtual()
            .name(name)
            .uncaughtExceptionHandler(Threads.telling(recorder::failed))
            .start(what));
  }

  private void again(Runnable what) {
    while (!over) {
      what.run();
      LockSupport.parkNanos(ASK.toNanos());
    }
  }

  private void offer(List<String> names, SplittableRandom contents, Duration pause) {
    for (int i = 0; i < MOST && !over; i++) {
      var content = new byte[i == BIG ? BIG_BYTES : SMALL_BYTES + contents.nextInt(SMALL_BYTES)];
      contents.nextBytes(content);
      try {
        var file = folders.offer(names.get(i % names.size()), "f%02d.bin".formatted(i), content);
        recorder.source(file.path(), new Source(file.sha256(), file.source()));
        offered.add(file);
      } catch (IOException e) {
        recorder.note("file " + i + " could not be offered: " + e);
      }
      LockSupport.parkNanos(pause.toNanos());
    }
  }

  /// Each copy is read once, as soon as its name is there.
  private void look() {
    Set<String> seen = new HashSet<>();
    while (!over) {
      for (OfferedFile file : offered) {
        for (String node : nodes.keySet()) {
          String copy = node + " " + file.path();
          if (!seen.contains(copy) && folders.has(node, file.path())) {
            // What could not be read is looked at again.
            if (compare(node, file)) {
              seen.add(copy);
            }
          }
        }
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  /// @return whether it could be read
  private boolean compare(String node, OfferedFile file) {
    try {
      long at = clock.nanos();
      Optional<String> held = folders.sha256(node, file.path());
      held.filter(hash -> !hash.equals(file.sha256()))
          .ifPresent(
              hash ->
                  recorder.event(
                      new NodeEvent(
                          at,
                          node,
                          NodeEvent.OTHER_CONTENT,
                          0,
                          "%s has SHA-256 %s, %s was offered"
                              .formatted(file.path(), hash, file.sha256()))));
      return held.isPresent();
    } catch (IOException e) {
      recorder.note(file.path() + " at " + node + " could not be read: " + e);
      return false;
    }
  }

  private void arrived(String node, String path) {
    recorder.event(new NodeEvent(clock.nanos(), node, NodeEvent.ARRIVED, 0, path));
  }

  /// Lets copies arrive for a short time, ends all threads, and tells how many copies there are;
  /// nothing when it was never started.
  String settle() throws InterruptedException {
    long end = clock.nanos() + SETTLE.toNanos();
    while (copies() < offered.size() * nodes.size() && clock.nanos() < end) {
      LockSupport.parkNanos(LOOK.toNanos());
    }
    close();
    for (Thread thread : threads) {
      thread.join();
    }
    return threads.isEmpty()
        ? ""
        : ", %d of %d copies of files".formatted(copies(), offered.size() * nodes.size());
  }

  private int copies() {
    return (int)
        offered.stream()
            .flatMap(file -> nodes.keySet().stream().filter(node -> folders.has(node, file.path())))
            .count();
  }

  /// Also ends the calls that are on their way.
  @Override
  public void close() {
    over = true;
    client.close();
  }
}
