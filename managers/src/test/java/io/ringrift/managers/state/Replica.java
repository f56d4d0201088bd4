package io.ringrift.managers.state;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.FenceGate;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.kernel.wire.ErrorMapping;
import io.ringrift.managers.Services;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Another node of a test: a whole state with its services, that executes what the leader's log
/// hands it. It can lag, be out of reach, and execute something else than the log says.
final class Replica implements Consumer<LogEntry>, AutoCloseable {
  private final StateManager manager;
  private final Server server;
  private final ManagedChannel channel;
  private final ManagedChannel nowhere;

  /// The modes of consensus that this node was to leave for, with the epoch.
  final Set<String> left = ConcurrentHashMap.newKeySet();

  /// Why this node cannot go to another mode.
  volatile List<String> obstacles = List.of();

  volatile boolean reachable = true;

  /// Entries that come now are not executed until `catchUp`.
  volatile boolean lags;

  /// What a damaged replica makes of an entry.
  volatile UnaryOperator<LogEntry> damage = UnaryOperator.identity();

  private final List<LogEntry> missed = new CopyOnWriteArrayList<>();

  Replica(
      Path folder,
      NodeId self,
      List<NodeId> voters,
      Membership membership,
      ExecutorService on,
      String mode)
      throws IOException {
    manager =
        StateManager.open(
            Files.createDirectories(folder),
            new MemoryKeyValueStore(),
            fault -> {
              throw fault;
            },
            StateConfig.defaults(),
            Ticker.system());
    var consensus = new FakeConsensus(new FakeLedger(manager.stateMachine()));
    consensus.voters = voters;
    channel = InProcessChannelBuilder.forName(folder.toString()).executor(on).build();
    nowhere = InProcessChannelBuilder.forName("nowhere").executor(on).build();
    manager.attach(
        consensus,
        membership,
        new Alone(self),
        new ModeHooks(mode, _ -> obstacles, (next, epoch) -> left.add(next + "@" + epoch)),
        VoterHooks.fixed(),
        new FenceGate(Epoch.ZERO, _ -> {}, FenceGate.Knowledge.NONE));
    var builder =
        InProcessServerBuilder.forName(folder.toString())
            .executor(on)
            .intercept(new ErrorMapping());
    manager.services().forEach(builder::addService);
    server = builder.build().start();
  }

  private final class Alone implements Services {
    private final NodeId self;

    private Alone(NodeId self) {
      this.self = self;
    }

    @Override
    public NodeId self() {
      return self;
    }

    @Override
    public Channel local() {
      return channel;
    }

    @Override
    public Channel on(NodeId node) {
      return node.equals(self) ? channel : nowhere;
    }

    @Override
    public Channel onLeader() {
      return nowhere;
    }
  }

  Channel way() {
    return reachable ? channel : nowhere;
  }

  @Override
  public void accept(LogEntry entry) {
    if (lags) {
      missed.add(entry);
    } else {
      var _ = manager.stateMachine().apply(List.of(damage.apply(entry)));
    }
  }

  /// While nothing is proposed.
  void catchUp() {
    lags = false;
    missed.forEach(this);
    missed.clear();
  }

  String stateHash() {
    return manager.stateMachine().stateHash();
  }

  /// The same place of the log with nothing to do at it.
  static LogEntry lost(LogEntry entry) {
    return new LogEntry(entry.position(), entry.kind(), new byte[0]);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    nowhere.shutdownNow();
    server.shutdownNow();
    manager.close();
  }
}
