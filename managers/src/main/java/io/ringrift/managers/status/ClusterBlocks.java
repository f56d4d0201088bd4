package io.ringrift.managers.status;

import com.google.protobuf.InvalidProtocolBufferException;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.gossip.GossipBoard.Posting;
import io.ringrift.kernel.time.Moment;
import io.ringrift.placement.v1.NodeFacts;
import io.ringrift.status.v1.GetRaftStatusRequest;
import io.ringrift.status.v1.GetSwimStatusRequest;
import io.ringrift.status.v1.ModeStatusServiceGrpc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Blocks of SPEC 5.8 about the cluster, as this node sees it by itself: nobody else is asked.
final class ClusterBlocks {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterBlocks.class);
  private static final int MOST_NAMED = 20;

  private final StatusSources sources;

  ClusterBlocks(StatusSources sources) {
    this.sources = sources;
  }

  List<Block<?>> all() {
    return List.of(
        Block.figures("voter_health", this::voters),
        Block.figures("leader_consensus", this::leader),
        Block.figures("peer_reputation", this::peers),
        Block.figures("cluster_observability", this::load),
        Block.figures("swim_raft", this::modes));
  }

  private Map<String, Object> voters() {
    var consensus = sources.consensus();
    var figures = new LinkedHashMap<String, Object>();
    int alive = 0;
    for (NodeId voter : consensus.voters()) {
      boolean self = voter.equals(sources.identity().node());
      var member = sources.membership().member(voter);
      String state = self ? "alive" : member.map(ClusterBlocks::state).orElse("unknown");
      alive += state.equals("alive") ? 1 : 0;
      figures.put(voter.value(), state);
    }
    figures.put("voters_alive", alive);
    figures.put("voters_total", consensus.voters().size());
    figures.put("quorum_required", consensus.quorum());
    figures.put("may_still_fail", alive - consensus.quorum());
    return figures;
  }

  private Map<String, Object> leader() {
    var leadership = sources.consensus().leadership();
    Moment now = sources.ticker().now();
    double silent =
        leadership
            .leader()
            .filter(leader -> !leader.equals(sources.identity().node()))
            .flatMap(sources.membership()::member)
            .map(member -> now.since(member.lastContact()).toMillis() / 1000.0)
            .orElse(0.0);
    return Map.of(
        "leader_id", leadership.leader().map(NodeId::value).orElse(""),
        "epoch", leadership.epoch().value(),
        "role", leadership.role().name().toLowerCase(Locale.ROOT),
        "leader_silent_seconds", silent);
  }

  /// How far the others can be relied on: who left and came back in the same boot is named.
  private Map<String, Object> peers() {
    var members = sources.membership().members();
    var figures = new LinkedHashMap<String, Object>();
    for (MemberState state : MemberState.values()) {
      figures.put(
          state.name().toLowerCase(Locale.ROOT),
          members.stream().filter(member -> member.state() == state).count());
    }
    figures.put("flaps", members.stream().mapToLong(Member::flapCount).sum());
    figures.put(
        "flapping",
        members.stream()
            .filter(member -> member.flapCount() > 0)
            .map(member -> member.id().value())
            .sorted()
            .limit(MOST_NAMED)
            .collect(Collectors.joining(",")));
    return figures;
  }

  private static String state(Member member) {
    return member.state().name().toLowerCase(Locale.ROOT);
  }

  private Map<String, Object> load() {
    var facts = new ArrayList<NodeFacts>();
    for (Posting posting : sources.gossip().postings().values()) {
      try {
        facts.add(NodeFacts.parseFrom(posting.payload()));
      } catch (InvalidProtocolBufferException e) {
        LOG.debug("facts on the board are of another kind", e);
      }
    }
    return Map.of(
        "nodes", facts.size(),
        "gpus", sum(facts, NodeFacts::getGpusCount),
        "running_jobs", sum(facts, NodeFacts::getRunningJobs),
        "selfplay_jobs", sum(facts, NodeFacts::getSelfplayJobs),
        "training_jobs", sum(facts, NodeFacts::getTrainingJobs),
        "max_jobs", sum(facts, NodeFacts::getMaxJobs),
        "disk_percent_most", most(facts, NodeFacts::getDiskPercent),
        "memory_percent_most", most(facts, NodeFacts::getMemoryPercent),
        "cpu_percent_most", most(facts, NodeFacts::getCpuPercent));
  }

  private static long sum(List<NodeFacts> facts, ToLongFunction<NodeFacts> figure) {
    return facts.stream().mapToLong(figure).sum();
  }

  private static double most(List<NodeFacts> facts, ToDoubleFunction<NodeFacts> figure) {
    return facts.stream().mapToDouble(figure).max().orElse(0);
  }

  private Map<String, Object> modes() {
    var stub = ModeStatusServiceGrpc.newBlockingStub(sources.services().local());
    var swim = stub.getSwimStatus(GetSwimStatusRequest.getDefaultInstance());
    var raft = stub.getRaftStatus(GetRaftStatusRequest.getDefaultInstance());
    return Map.of(
        "membership_mode", swim.getMembershipMode(),
        "swim_started", swim.getSwimStarted(),
        "swim_alive", swim.getSummary().getAlive(),
        "swim_local_health", swim.getLocalHealth(),
        "consensus_mode", raft.getConsensusMode(),
        "raft_initialized", raft.getRaftInitialized(),
        "raft_term", raft.getTerm(),
        "raft_health", raft.getClusterHealth(),
        "raft_held_back", raft.getHeldBack());
  }
}
