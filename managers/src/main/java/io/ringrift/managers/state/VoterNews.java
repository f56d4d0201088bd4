package io.ringrift.managers.state;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.Membership;
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
import java.util.stream.Stream;

/// How a node learns of other voters: from its own copy of the ledger, and by asking others, for
/// who was away when the list changed hears no more of the log of those who went on. A list that
/// was decided once may be taken from anybody: there is one for each number.
final class VoterNews {
  static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final int AT_ONCE = 2;

  private final ClusterStore store;
  private final Consensus consensus;
  private final Membership membership;
  private final Services services;
  private final VoterHooks hooks;
  private final String mode;
  private volatile VoterRecord told = VoterRecord.getDefaultInstance();
  private int next;

  VoterNews(
      ClusterStore store,
      Consensus consensus,
      Membership membership,
      Services services,
      VoterHooks hooks,
      String mode) {
    this.store = store;
    this.consensus = consensus;
    this.membership = membership;
    this.services = services;
    this.hooks = hooks;
    this.mode = mode;
  }

  /// Looks into the own copy of the ledger; does not block.
  void look() {
    VoterRecord now = store.read(state -> state.clock().voters());
    if (!now.equals(told)) {
      told = now;
      hooks.hear().accept(own());
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

  /// Asks the leader and, in turn, the others.
  void round() throws InterruptedException {
    look();
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

  private List<NodeId> targets() {
    List<NodeId> others =
        Stream.concat(
                consensus.voters().stream(),
                membership.members().stream().filter(Member::alive).map(Member::id))
            .filter(id -> !id.equals(services.self()))
            .distinct()
            .toList();
    Optional<NodeId> leader = consensus.leadership().leader().filter(others::contains);
    var targets = new ArrayList<NodeId>();
    leader.ifPresent(targets::add);
    for (int i = 0; i < Math.min(AT_ONCE, others.size()); i++) {
      next = (next + 1) % others.size();
      targets.add(others.get(next));
    }
    return targets.stream().distinct().toList();
  }
}
