package io.ringrift.kernel.consensus.bully;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.ringrift.kernel.Audit;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.SkippingTicker;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.MemoryStateMachine;
import io.ringrift.kernel.consensus.ledger.Ledger.Applied;
import io.ringrift.kernel.store.EpochStore;
import io.ringrift.kernel.store.StateFolder;
import io.ringrift.kernel.wire.PeerStreams;
import io.ringrift.kernel.wire.ReplicaRpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Real voters with real stores in one process; only the network is gRPC's in-process transport.
final class VoterCluster implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Timing FAST =
      new Timing(
          Duration.ofMillis(1500),
          Duration.ofMillis(300),
          Duration.ofMillis(150),
          Duration.ofMillis(100),
          Duration.ofMillis(150),
          Duration.ofMillis(600),
          Duration.ofMillis(1200),
          Duration.ofMinutes(5),
          Duration.ofMinutes(30),
          Duration.ofMillis(500),
          10);

  /// Between two snapshots, and what stays in the log behind one.
  record Snapshots(int every, int keep) {}

  /// One running voter.
  record Running(
      NodeId id,
      BullyConsensus consensus,
      MemoryStateMachine machine,
      List<String> audit,
      List<LeadershipEvent> events,
      AtomicInteger fatal,
      List<AutoCloseable> closing) {}

  private final Path root;
  private final Map<NodeId, Integer> voters;
  private String network = Long.toHexString(System.identityHashCode(this));
  private final Map<NodeId, Running> running = new LinkedHashMap<>();
  private final Map<Endpoint, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final Map<NodeId, SickDisk> disks = new ConcurrentHashMap<>();
  private Snapshots snapshots = new Snapshots(10_000, 2_000);
  private Supplier<MemoryStateMachine> machines = MemoryStateMachine::new;
  private final SkippingTicker ticker = new SkippingTicker();
  private final Map<NodeId, SkippingTicker> clocks = new ConcurrentHashMap<>();

  VoterCluster(Path root, int size) {
    this.root = root;
    this.voters =
        java.util.stream.IntStream.rangeClosed(1, size)
            .boxed()
            .collect(Collectors.toMap(i -> new NodeId("n" + i), i -> 0));
  }

  /// Voters that start from now on are found elsewhere.
  void move() {
    channels.values().forEach(ManagedChannel::shutdownNow);
    channels.clear();
    network += "+";
  }

  /// For voters that start from now on.
  void snapshots(int every, int keep) {
    snapshots = new Snapshots(every, keep);
  }

  /// For voters that start from now on.
  void machines(Supplier<MemoryStateMachine> made) {
    machines = made;
  }

  /// The disk under a voter's log; outlives its restarts.
  SickDisk disk(NodeId id) {
    return disks.computeIfAbsent(id, _ -> new SickDisk());
  }

  /// The clock of all voters.
  SkippingTicker ticker() {
    return ticker;
  }

  /// One voter's own, over that of all.
  SkippingTicker clock(NodeId id) {
    return clocks.computeIfAbsent(id, _ -> new SkippingTicker(ticker));
  }

  static Duration lease() {
    return FAST.lease();
  }

  static NodeId id(int n) {
    return new NodeId("n" + n);
  }

  Path folder(int n) {
    return root.resolve("n" + n);
  }

  Running start(int n) {
    NodeId self = id(n);
    var folder = StateFolder.open(folder(n), "test", self);
    var epochs = EpochStore.open(folder.resolve("promise"));
    var streams =
        new PeerStreams(
            new PeerStreams.Identity("test", self, new BootId(n)),
            peer -> Optional.of(new Endpoint(peer.value(), 1)),
            this::channel,
            clock(self),
            FAST.lease(),
            new SimpleMeterRegistry());
    var machine = machines.get();
    List<String> audit = new CopyOnWriteArrayList<>();
    List<LeadershipEvent> events = new CopyOnWriteArrayList<>();
    var fatal = new AtomicInteger();
    Audit recorder = (kind, epoch, _) -> audit.add(kind + "@" + epoch);
    var consensus =
        BullyConsensus.open(
            new VoterParts(
                config(self),
                new StoreDisk(folder, epochs, disk(self)::open, recorder, voters.size() == 1),
                machine,
                streams,
                clock(self),
                recorder,
                new SimpleMeterRegistry(),
                fatal::incrementAndGet));
    consensus.subscribe(events::add);
    Server server =
        serve(
            self,
            new ReplicaRpc(
                "test",
                consensus,
                consensus.ledger(),
                streams::heard,
                () -> epochs.pledge().promised().max(consensus.leadership().epoch())));
    var voter =
        new Running(
            self,
            consensus,
            machine,
            audit,
            events,
            fatal,
            List.of(consensus, streams, server::shutdownNow, epochs, folder));
    running.put(self, voter);
    return voter;
  }

  private BullyConfig config(NodeId self) {
    var usual = BullyConfig.of(self, voters, FAST);
    return new BullyConfig(
        self,
        voters,
        FAST,
        usual.maxBatchEntries(),
        usual.maxBatchBytes(),
        snapshots.every(),
        snapshots.keep(),
        usual.maxUncommitted(),
        usual.maxUncommittedBytes());
  }

  private Server serve(NodeId self, ReplicaRpc service) {
    try {
      return InProcessServerBuilder.forName(network + self).addService(service).build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Channel channel(Endpoint endpoint) {
    return channels.computeIfAbsent(
        endpoint, e -> InProcessChannelBuilder.forName(network + e.host()).build());
  }

  List<Running> startAll() {
    for (int n = 1; n <= voters.size(); n++) {
      start(n);
    }
    return List.copyOf(running.values());
  }

  void stop(NodeId id) {
    Running voter = running.remove(id);
    if (voter != null) {
      voter.closing().forEach(VoterCluster::close);
    }
  }

  void stopAll() {
    List.copyOf(running.keySet()).forEach(this::stop);
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /// Waits until one voter has opened its duties, and gives it.
  Running leader() {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () ->
                running.values().stream()
                    .filter(
                        v -> {
                          var l = v.consensus().leadership();
                          return v.consensus().leadsNow(l.epoch())
                              && v.events().contains(new LeadershipEvent.DutiesOpened(l.epoch()));
                        })
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /// Proposes at a leader, wherever it is by then, until one confirms.
  Applied propose(String command) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions()
        .until(
            () -> {
              var leader = leader();
              return leader
                  .consensus()
                  .ledger()
                  .propose(leader.consensus().leadership().epoch(), command.getBytes(UTF_8))
                  .get(3, TimeUnit.SECONDS);
            },
            result -> result != null);
  }

  @Override
  public void close() {
    stopAll();
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
