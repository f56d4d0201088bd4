package io.ringrift.chaos.run;

import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.ground.Ground;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.sync.v1.SyncServiceGrpc;
import io.ringrift.sync.v1.VerifiedNode;
import io.ringrift.sync.v1.VerifyFilesRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// Files of nodes are damaged while these are down, and what an operator does then as
/// docs/OPERATING.md has it. One thread.
final class Damage {
  private static final String RAFT_LOG = "raft-log";
  private static final String SNAPSHOTS = "snapshots";

  /// In which a node that is started refuses or answers, also on a machine that is busy.
  private static final Duration REFUSAL = Duration.ofSeconds(90);

  /// In which a node has what is to be damaged.
  private static final Duration THERE = Duration.ofSeconds(150);

  /// In which it has a snapshot by the load alone.
  private static final Duration BY_LOAD = Duration.ofSeconds(10);

  /// In which a node that was started again verifies its files.
  private static final Duration VERIFIED = Duration.ofSeconds(30);

  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration SIGN = Duration.ofSeconds(1);
  private static final Duration AGAIN = Duration.ofMillis(50);

  private final Ground ground;
  private final NodeFaults.Log log;
  private final Rot rot;
  private final Ticker ticker = Ticker.system();

  /// By node, the files of its data root whose hashes it has told.
  private final Map<String, List<Path>> known = new HashMap<>();

  Damage(Ground ground, NodeFaults.Log log, SplittableRandom random) {
    this.ground = ground;
    this.log = log;
    this.rot = new Rot(ground, random);
  }

  /// Waits until something is there to be damaged: a fault begins when it strikes.
  ///
  /// @param word which files, as scenarios call them
  void prepare(List<String> nodes, String word) throws IOException {
    known.clear();
    for (String node : nodes) {
      if (word.equals(NodeEvent.DATA)) {
        known.put(node, known(node));
      } else if (word.equals(SNAPSHOTS)) {
        awaitSnapshot(node);
      } else {
        var _ = await(THERE, () -> !rot.files(node, word).isEmpty());
      }
    }
  }

  /// What the load does not bring soon comes by a log that is made heavy.
  private void awaitSnapshot(String node) {
    BooleanSupplier there = () -> !rot.files(node, SNAPSHOTS).isEmpty();
    if (await(BY_LOAD, there)) {
      return;
    }
    try (var filler = new LogFiller(ground.voters().stream().map(ground::address).toList())) {
      var _ =
          await(
              THERE,
              () -> {
                if (!there.getAsBoolean()) {
                  filler.add();
                }
                return there.getAsBoolean();
              });
    }
  }

  /// Kills them first.
  ///
  /// @return what shows that it happened; empty when nothing was there to be damaged
  String begin(List<String> nodes, String word) throws IOException, InterruptedException {
    ground.kill(nodes).forEach(node -> log.tell(node, "KILLED", "SIGKILL"));
    int flipped = 0;
    for (String node : nodes) {
      flipped +=
          word.equals(NodeEvent.DATA)
              ? rotted(node, known.getOrDefault(node, List.of()))
              : hit(node, word);
    }
    return flipped == 0 ? "" : flipped + " bytes flipped in " + word;
  }

  /// Of a voter that may have acknowledged what is damaged it is seen that it does not start.
  private int hit(String node, String word) throws IOException, InterruptedException {
    int flipped = 0;
    for (Path file : rot.files(node, word)) {
      flipped += rot.flip(file);
    }
    if (flipped > 0) {
      log.tell(node, NodeEvent.DAMAGED, word);
    }
    if (flipped > 0 && word.equals(RAFT_LOG)) {
      startOver(node);
    }
    return flipped;
  }

  /// One that does neither in time shows nothing, and is down until the end of the fault.
  private void startOver(String node) throws IOException, InterruptedException {
    ground.start(node, List.of());
    boolean shown = await(REFUSAL, () -> !ground.running(node) || answers(node));
    if (!ground.running(node)) {
      log.tell(node, NodeEvent.REFUSED, NodeEvent.OVER_DAMAGE);
    } else if (shown) {
      log.tell(node, "STARTED", NodeEvent.OVER_DAMAGE);
    } else {
      log.tell(node, NodeEvent.SILENT, RAFT_LOG);
      ground.kill(List.of(node)).forEach(each -> log.tell(each, "KILLED", "SIGKILL"));
    }
  }

  /// A node has its port when all of it is open.
  private boolean answers(String node) {
    try (var client = new ClusterClient(List.of(ground.address(node)), Optional.empty(), SIGN)) {
      var _ =
          client.call(
              c ->
                  ElectionServiceGrpc.newBlockingStub(c)
                      .getLeadership(GetLeadershipRequest.getDefaultInstance()));
      return true;
    } catch (Refusal starting) {
      return false;
    }
  }

  /// Files whose hashes the node has told: others would be taken for new ones.
  private List<Path> known(String node) throws IOException {
    Path folder = new DataFolders(ground).folder(node);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> there;
    try (Stream<Path> files = Files.list(folder)) {
      there = files.filter(Files::isRegularFile).sorted().toList();
    }
    return verified(node).isEmpty() ? List.of() : there;
  }

  private int rotted(String node, List<Path> files) throws IOException {
    int flipped = 0;
    for (Path file : files) {
      // Until the node was killed it may have removed some.
      int here = Files.isRegularFile(file) ? rot.flip(file) : 0;
      if (here > 0) {
        log.tell(node, NodeEvent.ROTTED, path(node, file));
      }
      flipped += here;
    }
    return flipped;
  }

  private String path(String node, Path file) {
    return ground.dataFolder(node).relativize(file).toString();
  }

  /// What an operator does about it: nothing, but for a log of Raft and for rotten files.
  void end(List<String> nodes, String word) throws IOException {
    for (String node : nodes) {
      if (!ground.running(node)) {
        if (word.equals(RAFT_LOG)) {
          rot.moveRaftAside(List.of(node));
        }
        ground.start(node, List.of());
        log.tell(node, "STARTED", "");
      }
    }
    for (String node : word.equals(NodeEvent.DATA) ? nodes : List.<String>of()) {
      verified(node)
          .ifPresentOrElse(
              told ->
                  told.getQuarantinedList()
                      .forEach(each -> log.tell(node, NodeEvent.QUARANTINED, each.getPath())),
              () -> log.tell(node, NodeEvent.SILENT, NodeEvent.DATA));
    }
  }

  /// As `sync verify` of that node alone; again and again while it starts.
  private Optional<VerifiedNode> verified(String node) {
    Moment end = ticker.now().plus(VERIFIED);
    while (ticker.now().isBefore(end)) {
      try (var client =
          new ClusterClient(List.of(ground.address(node)), Optional.empty(), ANSWER)) {
        return Optional.of(
            client
                .call(
                    c ->
                        SyncServiceGrpc.newBlockingStub(c)
                            .verifyFiles(VerifyFilesRequest.getDefaultInstance()))
                .getNodes(0));
      } catch (Refusal starting) {
        LockSupport.parkNanos(AGAIN.toNanos());
      }
    }
    return Optional.empty();
  }

  private boolean await(Duration limit, BooleanSupplier condition) {
    Moment end = ticker.now().plus(limit);
    while (!condition.getAsBoolean()) {
      if (!ticker.now().isBefore(end)) {
        return false;
      }
      LockSupport.parkNanos(AGAIN.toNanos());
    }
    return true;
  }
}
