package io.ringrift.kernel.consensus.raft;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.FreePorts;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.SkippingTicker;
import io.ringrift.kernel.consensus.ConsensusBed;
import io.ringrift.kernel.consensus.ConsensusBed.Member;
import io.ringrift.kernel.consensus.MemoryStateMachine;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.kernel.time.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.apache.ratis.conf.RaftProperties;

/// Three voters by Ratis in one process, on real sockets and folders.
public final class RaftTrio implements ConsensusBed.Trio {
  static final Duration ELECTION = Duration.ofMillis(500);

  private record Running(RaftConsensus raft, AutoCloseable facade, StateFolder folder) {
    void end() {
      raft.closeAtOnce();
      folder.close();
    }
  }

  private final Path root;
  private String host = "127.0.0.1";
  private final int snapshotEvery;
  private final Map<NodeId, Endpoint> addresses = new ConcurrentHashMap<>();
  private final Map<NodeId, Endpoint> fronts = new ConcurrentHashMap<>();
  private final Map<Integer, Running> running = new HashMap<>();
  private final String cluster;
  private Function<RaftConsensus, Consensus> facade = raft -> raft;
  private UnaryOperator<RaftProperties> tuned = UnaryOperator.identity();
  private Duration election = ELECTION;
  private Optional<RaftTls> tls = Optional.empty();
  private final Map<Integer, SkippingTicker> clocks = new ConcurrentHashMap<>();
  private IntFunction<Ticker> tickers = this::clock;
  private final Map<Integer, SimpleMeterRegistry> meters = new ConcurrentHashMap<>();
  final AtomicInteger fatal = new AtomicInteger();

  public RaftTrio(Path root, int snapshotEvery) {
    this.root = root;
    this.snapshotEvery = snapshotEvery;
    this.cluster = "trio-" + root.hashCode();
    move();
  }

  /// Puts another mode over Raft, for voters that start from now on.
  public RaftTrio behind(Function<RaftConsensus, Consensus> mode) {
    facade = mode;
    return this;
  }

  RaftTrio tuned(UnaryOperator<RaftProperties> tuning) {
    tuned = tuning;
    return this;
  }

  /// @param loopback where all of them listen
  RaftTrio host(String loopback) {
    host = loopback;
    move();
    return this;
  }

  RaftTrio election(Duration min) {
    election = min;
    return this;
  }

  /// @param clocks by the number of the voter
  RaftTrio tickers(IntFunction<Ticker> clocks) {
    tickers = clocks;
    return this;
  }

  /// @param front what others dial in place of that voter's own address
  RaftTrio behind(int n, Endpoint front) {
    fronts.put(id(n), front);
    return this;
  }

  RaftTrio tls(Optional<RaftTls> files) {
    tls = files;
    return this;
  }

  public static NodeId id(int n) {
    return new NodeId("n" + n);
  }

  Endpoint address(int n) {
    return Objects.requireNonNull(addresses.get(id(n)));
  }

  /// Elections that the voter began because its leader fell silent, before Raft's own pause ended.
  double early(int n) {
    return Objects.requireNonNull(meters.get(n)).counter("ringrift.elections.early").count();
  }

  /// How often the voter noticed that it executes nothing any more.
  double stuck(int n) {
    return Objects.requireNonNull(meters.get(n)).counter("ringrift.voter.stuck").count();
  }

  /// How often a turn of the voter took too long.
  double stalls(int n) {
    return Objects.requireNonNull(meters.get(n)).counter("ringrift.voter.stalls").count();
  }

  RaftConsensus raft(int n) {
    return Objects.requireNonNull(running.get(n)).raft();
  }

  @Override
  public void move() {
    List<Integer> ports = FreePorts.choose(3);
    for (int n = 1; n <= 3; n++) {
      addresses.put(id(n), new Endpoint(host, ports.get(n - 1)));
    }
  }

  private SkippingTicker clock(int n) {
    return clocks.computeIfAbsent(n, _ -> new SkippingTicker());
  }

  /// Not the clocks that `tickers` gave.
  @Override
  public void skip(int n, Duration time) {
    clock(n).skip(time);
  }

  @Override
  public Member start(int n) {
    return start(n, new MemoryStateMachine(true));
  }

  Member start(int n, MemoryStateMachine machine) {
    var folder = StateFolder.open(root.resolve("n" + n), "test", id(n));
    List<LeadershipEvent> events = new CopyOnWriteArrayList<>();
    var setup =
        new RaftSetup(
            cluster,
            id(n),
            List.of(id(1), id(2), id(3)),
            false,
            peer -> Optional.ofNullable(fronts.getOrDefault(peer, addresses.get(peer))),
            new RaftConfig(host, address(n).port(), election, 10, snapshotEvery, 192L << 20, tls),
            Epoch.ZERO,
            Epoch.ZERO,
            folder,
            machine,
            tickers.apply(n),
            (_, _, _) -> {},
            meters.computeIfAbsent(n, _ -> new SimpleMeterRegistry()),
            fatal::incrementAndGet);
    var raft = open(setup);
    Consensus mode = facade.apply(raft);
    mode.subscribe(events::add);
    running.put(n, new Running(raft, mode, folder));
    return new Member(n, mode, machine, events);
  }

  private RaftConsensus open(RaftSetup setup) {
    try {
      return RaftConsensus.open(setup, tuned);
    } catch (RuntimeException e) {
      setup.folder().close();
      throw e;
    }
  }

  @Override
  public void stop(int n) {
    Running voter = running.remove(n);
    if (voter != null) {
      voter.end();
    }
  }

  /// All at once: each waits for threads and connections of its own.
  @Override
  public void stopAll() {
    var ending =
        running.values().stream()
            .map(voter -> CompletableFuture.runAsync(voter::end, Thread.ofPlatform()::start))
            .toArray(CompletableFuture[]::new);
    running.clear();
    CompletableFuture.allOf(ending).join();
  }

  @Override
  public void close() {
    stopAll();
  }
}
