package io.ringrift.managers.state;

import io.grpc.Channel;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.state.v1.GetStateRequest;
import io.ringrift.state.v1.GetStateResponse;
import io.ringrift.state.v1.StateServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A leader, n1, and two other voters with states and services of their own.
abstract class ReplicaBed extends QueueBed {
  static final List<NodeId> VOTERS = Stream.of("n1", "n2", "n3").map(NodeId::new).toList();

  @TempDir private Path folders;

  private final Map<NodeId, Replica> replicas = new ConcurrentHashMap<>();
  private final Ticker system = Ticker.system();
  private final AtomicLong ahead = new AtomicLong();

  /// How far the leader's clock goes on by itself at each look.
  volatile Duration leap = Duration.ZERO;

  /// The modes of consensus that the leader was to leave for, with the epoch.
  final Set<String> left = ConcurrentHashMap.newKeySet();

  Replica n2;
  Replica n3;

  @Override
  List<Member> members() {
    return List.of(member("n2", MemberState.ALIVE, false), member("n3", MemberState.ALIVE, false));
  }

  @Override
  ModeHooks modeHooks() {
    return new ModeHooks("bully", _ -> List.of(), (mode, epoch) -> left.add(mode + "@" + epoch));
  }

  @Override
  Ticker ticker() {
    return () -> system.now().plus(Duration.ofNanos(ahead.addAndGet(leap.toNanos())));
  }

  @Override
  Channel channelTo(NodeId node) {
    Replica replica = replicas.get(node);
    return replica == null ? channel : replica.way();
  }

  @BeforeEach
  void join() throws IOException {
    consensus.voters = VOTERS;
    n2 = begin("n2", "n2");
    n3 = begin("n3", "n3");
    ledger.follow(n2);
    ledger.follow(n3);
  }

  /// A node that does not follow the log yet.
  final Replica begin(String node, String folder) throws IOException {
    return begin(node, folder, "bully");
  }

  final Replica begin(String node, String folder, String mode) throws IOException {
    var id = new NodeId(node);
    var replica = new Replica(folders.resolve(folder), id, VOTERS, membership(), threads, mode);
    replicas.put(id, replica);
    return replica;
  }

  @AfterEach
  void leave() {
    replicas.values().forEach(Replica::close);
  }

  final WorkItem submit() {
    return submit(Ledgers.selfplay());
  }

  final long index() {
    return manager.stateMachine().applied().index();
  }

  final GetStateResponse state() {
    return StateServiceGrpc.newBlockingStub(channel).getState(GetStateRequest.getDefaultInstance());
  }
}
