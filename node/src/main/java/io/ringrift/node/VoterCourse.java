package io.ringrift.node;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.Succession;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.state.v1.GetVoterListResponse;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which voters this node goes by: the configured ones, until the cluster decides others. A decided
/// list is durable here before it is in force, and none is followed by an older one. Where a voter
/// listens is the newer word of the two (`VoterPlaces`). Used under the lock of its process.
final class VoterCourse {
  private static final Logger LOG = LoggerFactory.getLogger(VoterCourse.class);

  /// What a node that hears of voters has to do.
  sealed interface Step {
    /// For people.
    default String what() {
      return switch (this) {
        case Follow(var list, var _) ->
            "list " + list.getVersion() + " of the voters is decided: " + names(voters(list));
        case Prepare(var list, var _) ->
            "it may become a voter, by list " + list.getVersion() + ": " + names(voters(list));
        case Withdraw(var version) -> "list " + version + " of the voters was given up";
      };
    }

    /// Begin again with a decided list.
    record Follow(VoterList list, String logId) implements Step {}

    /// Begin again as a voter of a list that is not decided yet, to be sent the log.
    record Prepare(VoterList list, String logId) implements Step {}

    /// Begin again without the part in a list that was given up.
    record Withdraw(long version) implements Step {}
  }

  private final NodeConfig configured;

  /// As the folder has it.
  private VoterMark kept;

  private VoterMark mark;

  /// The list that this node takes part in before it is decided; version 0 for none.
  private VoterList prospect = VoterList.getDefaultInstance();

  /// Greatest list that this node took part in until it was given up; a voter that lags may still
  /// tell of it.
  private long givenUp;

  /// Lineage that people were told of last.
  private String foreignTold = "";

  VoterCourse(NodeConfig configured) {
    this.configured = configured;
    this.kept = VoterMark.read(configured.stateDir());
    this.mark = kept.look(configured.voters());
  }

  /// Makes durable what was seen of the configuration; once the folder is this process's. A failure
  /// is told and harms nothing: the next start sees the same again.
  void remember() {
    if (mark.equals(kept) || (mark.version() == 0 && configured.voters().isEmpty())) {
      return;
    }
    try {
      mark.writePlaces(configured.stateDir());
      kept = mark;
    } catch (IOException e) {
      LOG.warn(
          "what the configuration says of the voters cannot be kept beside their list: {}; make"
              + " room on the disk, and start the node again before addresses change",
          e.getMessage());
    }
  }

  /// Tells people where the configuration and what the cluster decided are not the same, and which
  /// of them is in force.
  void warn() {
    if (mark.version() == 0) {
      return;
    }
    if (!names(byId(mark.voters())).equals(names(byId(configured.voters())))) {
      LOG.warn(
          "the cluster changed its voters while it ran: they are {} (list {}), and the"
              + " configuration still says {}; the cluster's list is in force, set voters to it",
          names(mark.voters()),
          mark.version(),
          names(byId(configured.voters())));
    }
    for (Voter voter : configured.voters()) {
      VoterPlaces.find(mark.voters(), voter.id())
          .filter(listed -> !VoterPlaces.samePlace(listed, voter))
          .ifPresent(listed -> warn(listed, voter));
    }
  }

  private void warn(Voter listed, Voter here) {
    if (decided().contains(listed)) {
      LOG.warn(
          "{} is dialled at {}, as list {} of the voters says; the configuration has {}, {}",
          listed.id(),
          place(listed),
          mark.version(),
          place(here),
          kept.places().looked()
              ? "unchanged since this node heard of that list: set voters to what \"cluster"
                  + " voters\" shows at the others; if the configuration is right, remove a voter"
                  + " and add it again"
              : "and an older program did not keep from when: set voters to those of \"cluster"
                  + " voters\"; if the voter moved, start this node with the former address and"
                  + " then with the new one");
    } else {
      LOG.warn(
          "{} is dialled at {}, as the configuration says, which changed since list {} of the"
              + " voters; the list has {}",
          listed.id(),
          place(here),
          mark.version(),
          place(listed));
    }
  }

  private static String place(Voter voter) {
    return "%s (raft %d, swim %d)".formatted(voter.endpoint(), voter.raftPort(), voter.swimPort());
  }

  /// The configuration with the voters in force.
  NodeConfig over(ConsensusMode mode) {
    List<Voter> voters = prospect.getVersion() > 0 ? voters(prospect) : decided();
    return configured.in(mode, voters, new Succession(takesPart(), mark.joinedLog()));
  }

  private List<Voter> decided() {
    return mark.version() > 0
        ? mark.places().placed(mark.voters(), configured.voters())
        : configured.voters();
  }

  /// The decided list; of version 0 as configured.
  VoterList inForce() {
    List<Voter> voters = decided();
    var list = VoterList.newBuilder().setVersion(mark.version()).setLineage(mark.lineage());
    if (voters.isEmpty()) {
      self().ifPresent(list::addVoters); // a node without voters is the one voter
    }
    byId(voters).forEach(voter -> list.addVoters(entry(voter)));
    return list.build();
  }

  long takesPart() {
    return Math.max(mark.version(), prospect.getVersion());
  }

  /// This node as a voter; empty when others cannot dial it.
  Optional<VoterEntry> self() {
    Optional<Voter> listed =
        configured.voters().stream().filter(v -> v.id().equals(configured.nodeId())).findFirst();
    return listed
        .or(
            () ->
                configured
                    .advertise()
                    .map(
                        at ->
                            new Voter(
                                configured.nodeId(),
                                at,
                                0,
                                configured.raft().bindPort(),
                                configured.swim().advertisePort())))
        .map(VoterCourse::entry);
  }

  /// What follows from what was heard; empty when it is nothing new.
  Optional<Step> step(GetVoterListResponse heard, ConsensusMode mode) {
    VoterList decided = heard.getDecided();
    VoterList pending = heard.getPending();
    if (isForeign(decided) || isForeign(pending)) {
      return Optional.empty();
    }
    if (decided.getVersion() > mark.version()) {
      return Optional.of(new Step.Follow(decided, heard.getLogId()));
    }
    if (mode != ConsensusMode.BULLY
        && pending.getVersion() > Math.max(takesPart(), givenUp)
        && names(voters(pending)).contains(me())
        && !isVoter()) {
      return Optional.of(new Step.Prepare(pending, heard.getLogId()));
    }
    boolean over =
        prospect.getVersion() > 0
            && heard.getLastVersion() >= prospect.getVersion()
            && pending.getVersion() != prospect.getVersion();
    return over ? Optional.of(new Step.Withdraw(prospect.getVersion())) : Optional.empty();
  }

  /// Lists of a former cluster of the same name come from a state folder that was kept.
  private boolean isForeign(VoterList list) {
    boolean foreign =
        !mark.lineage().isEmpty()
            && !list.getLineage().isEmpty()
            && !list.getLineage().equals(mark.lineage());
    if (foreign && !foreignTold.equals(list.getLineage())) {
      foreignTold = list.getLineage();
      LOG.error(
          "list {} of the voters, {}, comes of the change {}, and those of this node come of {}:"
              + " not followed, it is of a former cluster of the same name; stop the node that"
              + " still has it (see \"cluster voters\" at each), empty its state folder and start"
              + " it again",
          list.getVersion(),
          names(voters(list)),
          list.getLineage(),
          mark.lineage());
    }
    return foreign;
  }

  private String me() {
    return configured.nodeId().value();
  }

  private boolean isVoter() {
    return inForce().getVotersList().stream().anyMatch(v -> v.getNodeId().equals(me()));
  }

  /// Makes the step durable; only while nothing of the state folder is open.
  ///
  /// @throws Refusal STORAGE_FAILED
  void take(Step step, ConsensusMode mode) {
    try {
      switch (step) {
        case Step.Follow(var list, var logId) -> {
          mark = joined(list, logId, mode, voters(list), list.getVersion());
          prospect = VoterList.getDefaultInstance();
        }
        case Step.Prepare(var list, var logId) -> {
          mark = joined(list, logId, mode, mark.voters(), mark.version());
          prospect = list;
        }
        case Step.Withdraw(var version) -> {
          givenUp = Math.max(givenUp, version);
          prospect = VoterList.getDefaultInstance();
        }
      }
      mark.write(configured.stateDir());
      kept = mark;
    } catch (IOException e) {
      throw new Refusal(
          Reason.STORAGE_FAILED, "the list of voters cannot be kept: " + e.getMessage(), e);
    }
  }

  /// A newcomer begins with an empty log, once: what it holds later of that same log may have been
  /// counted, by a list that it did not hear of too. A decided list without this node ends that.
  private VoterMark joined(
      VoterList list, String logId, ConsensusMode mode, List<Voter> voters, long version)
      throws IOException {
    boolean listed = names(voters(list)).contains(me());
    boolean decides = version == list.getVersion();
    String lineage = decides ? list.getLineage() : mark.lineage();
    VoterPlaces places = decides ? mark.places().follow(voters) : mark.places();
    if (!listed) {
      return new VoterMark(version, voters, "", mark.prepared(), lineage, places);
    }
    if (isVoter()) {
      return new VoterMark(version, voters, mark.joinedLog(), mark.prepared(), lineage, places);
    }
    if (mark.prepared() != list.getVersion() && !mark.joinedLog().equals(logId)) {
      CarryOver.beginEmpty(configured.stateDir(), mode, logId);
    }
    return new VoterMark(version, voters, logId, list.getVersion(), lineage, places);
  }

  private static List<Voter> byId(List<Voter> voters) {
    return voters.stream().sorted(Comparator.comparing(Voter::id)).toList();
  }

  private static List<String> names(List<Voter> voters) {
    return voters.stream().map(v -> v.id().value()).toList();
  }

  private static VoterEntry entry(Voter voter) {
    return VoterEntry.newBuilder()
        .setNodeId(voter.id().value())
        .setHost(voter.endpoint().host())
        .setPort(voter.endpoint().port())
        .setRaftPort(voter.raftPort())
        .setSwimPort(voter.swimPort())
        .setPriority(voter.priority())
        .build();
  }

  private static List<Voter> voters(VoterList list) {
    return list.getVotersList().stream()
        .map(
            v ->
                new Voter(
                    new NodeId(v.getNodeId()),
                    new Endpoint(v.getHost(), v.getPort()),
                    v.getPriority(),
                    v.getRaftPort(),
                    v.getSwimPort()))
        .toList();
  }
}
