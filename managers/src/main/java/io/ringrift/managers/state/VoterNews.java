package io.ringrift.managers.state;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.NodeId;
import io.ringrift.managers.Fanout;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.GetVoterListRequest;
import io.ringrift.state.v1.GetVoterListResponse;
import io.ringrift.state.v1.VoterList;
import io.ringrift.state.v1.VoterRecord;
import io.ringrift.state.v1.VoterServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/// How a node learns of other voters: from its own copy of the ledger, and by asking others, for
/// who was away when the list changed hears no more of the log of those who went on. It asks only
/// whom it goes by itself: any other member may keep a list of another cluster in its folder.
final class VoterNews {
  static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final int AT_ONCE = 2;

  private final ClusterStore store;
  private final Consensus consensus;
  private final Services services;
  private final VoterHooks hooks;
  private final String mode;
  private volatile VoterRecord told = VoterRecord.getDefaultInstance();
  private int next;

  /// Nobody introduces what was read before another did.
  private final ReentrantLock introducing = new ReentrantLock();

  VoterNews(
      ClusterStore store, Consensus consensus, Services services, VoterHooks hooks, String mode) {
    this.store = store;
    this.consensus = consensus;
    this.services = services;
    this.hooks = hooks;
    this.mode = mode;
  }

  /// Looks into the own copy of the ledger; does not block.
  void look() {
    VoterRecord now = store.read(state -> state.clock().voters());
    if (!now.equals(told)) {
      told = now;
      introduce();
      hooks.hear().accept(own());
    }
  }

  /// Every voter has to be able to dial a newcomer: any of them may lead once Raft counts it. A
  /// list that is decided is one that this node still has to begin again with.
  void introduce() {
    introducing.lock();
    try {
      VoterRecord now = store.read(state -> state.clock().voters());
      boolean decided = now.getDecided().getVersion() > hooks.inForce().getVersion();
      VoterList next = decided ? now.getDecided() : now.getPending();
      consensus.introduce(VoterLists.addresses(next));
    } finally {
      introducing.unlock();
    }
  }

  /// What this node tells others. A node that is no voter has no say in what is under way.
  GetVoterListResponse own() {
    VoterRecord record = store.read(state -> state.clock().voters());
    var answer =
        GetVoterListResponse.newBuilder()
            .setDecided(newest(record))
            .setLogId(hooks.logId())
            .setMode(mode);
    if (consensus.voters().contains(services.self())) {
      answer.setLastVersion(record.getLastVersion());
      if (record.hasPending()) {
        answer.setPending(record.getPending());
      }
    }
    return answer.build();
  }

  private VoterList newest(VoterRecord record) {
    VoterList here = hooks.inForce();
    if (record.getDecided().getVersion() > here.getVersion()) {
      return record.getDecided();
    }
    return here.getVersion() > 0 ? here : VoterList.getDefaultInstance();
  }

  /// Asks the leader and, in turn, the others. The node hears its own copy again too: it does not
  /// listen while it begins or ends.
  void round() throws InterruptedException {
    introduce();
    hooks.hear().accept(own());
    var request = GetVoterListRequest.getDefaultInstance();
    Fanout.ask(
            targets(),
            ANSWER,
            id -> VoterServiceGrpc.newBlockingStub(services.on(id)).getVoterList(request))
        .answers()
        .values()
        .stream()
        .filter(answer -> answer.getMode().equals(mode))
        .forEach(hooks.hear());
  }

  /// Whose word of a decided list counts here: voters of the list that this node goes by, voters of
  /// its configuration, and the leader as consensus knows it.
  static List<NodeId> sources(
      List<NodeId> inForce, List<NodeId> configured, Optional<NodeId> leader, NodeId self) {
    return Stream.of(inForce.stream(), configured.stream(), leader.stream())
        .flatMap(ids -> ids)
        .filter(id -> !id.equals(self))
        .distinct()
        .toList();
  }

  private List<NodeId> targets() {
    Optional<NodeId> leader =
        consensus.leadership().leader().filter(id -> !id.equals(services.self()));
    List<NodeId> others = sources(consensus.voters(), hooks.configured(), leader, services.self());
    var targets = new ArrayList<NodeId>();
    leader.ifPresent(targets::add);
    for (int i = 0; i < Math.min(AT_ONCE, others.size()); i++) {
      next = (next + 1) % others.size();
      targets.add(others.get(next));
    }
    return targets.stream().distinct().toList();
  }
}
