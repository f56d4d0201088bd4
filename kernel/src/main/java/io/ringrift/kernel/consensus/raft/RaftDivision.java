package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.LeaderElectionManagementRequest;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.ExitUtils;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.ProtoUtils;
import org.jspecify.annotations.Nullable;

/// One run of Ratis on this voter: server, group and machine, from open to close. Requests go into
/// the own server in process: no client of Ratis, whose retries never end. Any thread.
final class RaftDivision implements AutoCloseable {
  private final RaftPeerId self;
  private final RaftGroupId group;
  private final ClientId client = ClientId.randomId();
  private final CommandMachine machine;
  private final PeerNames names;
  private final RaftServer server;
  private final RaftServer.Division division;
  private final Redial redial;

  /// Why it must not go on, besides what the machine says.
  private volatile @Nullable String broken;

  /// What a division is made of.
  ///
  /// @param voters the first configuration; what the log says wins. Empty for a voter that joins a
  ///   running cluster: it asks for no votes before it was sent a configuration
  record Parts(
      String clusterId,
      NodeId self,
      List<NodeId> voters,
      PeerNames names,
      RaftProperties properties,
      Parameters parameters) {}

  private RaftDivision(Parts parts, CommandMachine machine) throws IOException {
    this.self = RaftPeerId.valueOf(parts.self().value());
    this.group = group(parts.clusterId());
    this.machine = machine;
    this.names = parts.names();
    this.server =
        RaftServer.newBuilder()
            .setServerId(self)
            .setGroup(RaftGroup.valueOf(group, peers(parts.names(), parts.voters())))
            .setStateMachineRegistry(_ -> machine)
            .setProperties(parts.properties())
            .setParameters(parts.parameters())
            .setOption(RaftStorage.StartupOption.RECOVER)
            .build();
    this.division = server.getDivision(group);
    this.redial = new Redial(server);
  }

  private static List<RaftPeer> peers(PeerNames names, List<NodeId> voters) {
    return voters.stream()
        .map(id -> RaftPeer.newBuilder().setId(id.value()).setAddress(names.name(id)).build())
        .toList();
  }

  /// The same on every node of a cluster.
  static RaftGroupId group(String clusterId) {
    return RaftGroupId.valueOf(
        UUID.nameUUIDFromBytes(("ringrift/" + clusterId).getBytes(StandardCharsets.UTF_8)));
  }

  /// Opens the storage, joins the group and listens.
  ///
  /// @param undertaker given what closes the rest when it cannot; that may hang
  /// @throws Refusal STORAGE_FAILED or STORAGE_CORRUPT when it cannot
  static RaftDivision open(Parts parts, CommandMachine machine, Consumer<Runnable> undertaker) {
    keepProcessAlive();
    RaftDivision opened = null;
    try {
      opened = new RaftDivision(parts, machine);
      opened.server.start();
      return opened;
    } catch (IOException | RuntimeException e) {
      undertaker.accept(opened == null ? machine::close : opened::close);
      throw failed(e);
    }
  }

  /// Ratis ends the process when it cannot listen and, once loaded, on any exception that any
  /// thread of the process lets escape. Neither is its business here.
  private static void keepProcessAlive() {
    var before = Thread.getDefaultUncaughtExceptionHandler();
    ExitUtils.disableSystemExit();
    ExitUtils.setTerminateOnUncaughtException(false);
    Thread.setDefaultUncaughtExceptionHandler(before);
  }

  private static Refusal failed(Exception failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof Refusal refusal) {
        return refusal;
      }
    }
    return new Refusal(
        Reason.STORAGE_FAILED,
        "raft cannot be started (" + deepest(failure) + "); look at the disk and the raft port",
        failure);
  }

  private static String deepest(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? String.valueOf(failure.getMessage()) : deepest(cause);
  }

  boolean running() {
    return division.getInfo().getLifeCycleState() == LifeCycle.State.RUNNING
        && server.getLifeCycleState() == LifeCycle.State.RUNNING
        && failure().isEmpty();
  }

  /// Closed, or about to be; it never runs again.
  boolean ended() {
    return division.getInfo().getLifeCycleState().isClosingOrClosed()
        || server.getLifeCycleState().isClosingOrClosed()
        || division.getInfo().getLifeCycleState() == LifeCycle.State.EXCEPTION
        || failure().isPresent();
  }

  Optional<String> failure() {
    return Optional.ofNullable(broken).or(machine::failure);
  }

  /// It must not go on: whoever keeps it closes it and opens another.
  void fails(String cause) {
    broken = cause;
  }

  /// It is stuck and must not go on. What it has not executed is answered at once: its close would
  /// wait for that.
  void abandon(String cause) {
    fails(cause);
    machine.abandon();
  }

  /// See `CommandMachine.busyAside`.
  boolean busyAside() {
    return machine.busyAside();
  }

  DivisionInfo info() {
    return division.getInfo();
  }

  /// Whom this voter follows. Ratis goes on naming the leader that a candidate has given up.
  Optional<NodeId> leader() {
    return Optional.ofNullable(division.getInfo().getLeaderId())
        .filter(_ -> !division.getInfo().isCandidate())
        .map(id -> new NodeId(id.toString()));
  }

  /// Voters by the Raft configuration in force, sorted.
  List<NodeId> voters() {
    return division.getRaftConf().getCurrentPeers().stream()
        .map(peer -> new NodeId(peer.getId().toString()))
        .sorted()
        .toList();
  }

  /// Whether a configuration is in force alone, and committed: not between two.
  boolean settled() {
    return settledPeers() && division.getRaftConf().getLogEntryIndex() <= commitIndex();
  }

  /// Has the log agree on other voters; answered once the new configuration is committed.
  ///
  /// @param from voters in whose place the others are taken: none else (Ratis' compare and set)
  CompletableFuture<RaftClientReply> configure(long callId, List<NodeId> from, List<NodeId> voters)
      throws IOException {
    return server.setConfigurationAsync(
        new SetConfigurationRequest(
            client,
            self,
            group,
            callId,
            SetConfigurationRequest.Arguments.newBuilder()
                .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                .setServersInCurrentConf(peers(names, from))
                .setServersInNewConf(peers(names, voters))
                .build()));
  }

  long commitIndex() {
    return division.getRaftLog().getLastCommittedIndex();
  }

  /// Last index that nothing but this voter holds up: what is committed, and at a leader what a
  /// majority of the voters holds of its term. Slow followers and their disks are nobody's fault
  /// here. -1 when the log cannot be read.
  long executable(Followers followers, List<NodeId> others) {
    try {
      long committed = Math.min(commitIndex(), logEnd());
      boolean counts = info().isLeader() && settledPeers();
      long most = counts ? followers.held(others, synced()) : -1;
      TermIndex at = most > committed ? division.getRaftLog().getTermIndex(most) : null;
      return at != null && at.getTerm() == info().getCurrentTerm() ? most : committed;
    } catch (RuntimeException e) {
      return -1; // so Ratis tells that it closed the log, which others here notice
    }
  }

  private boolean settledPeers() {
    return division.getRaftConf().getPreviousPeers().isEmpty();
  }

  /// Last index whose entry is on the disk. Any thread.
  long synced() {
    return division.getRaftLog().getFlushIndex();
  }

  long snapshotIndex() {
    return Math.max(0, division.getRaftLog().getSnapshotIndex());
  }

  /// Index of the last entry; -1 when there is none, or the log cannot be read.
  long logEnd() {
    try {
      return division.getRaftLog().getNextIndex() - 1;
    } catch (RuntimeException e) {
      return -1; // as in `executable`
    }
  }

  /// @throws IOException when the division refuses it before looking at it
  CompletableFuture<RaftClientReply> write(long callId, Message message) throws IOException {
    return submit(callId, message, RaftClientRequest.writeRequestType());
  }

  /// Ratis' own linearizable read, which nothing is answered from: `StaleReadTest` shows why.
  ///
  /// @throws IOException when the division refuses it before looking at it
  CompletableFuture<RaftClientReply> read(long callId) throws IOException {
    return submit(callId, Message.EMPTY, RaftClientRequest.readRequestType());
  }

  private CompletableFuture<RaftClientReply> submit(
      long callId, Message message, RaftClientRequest.Type type) throws IOException {
    return server.submitClientRequestAsync(
        RaftClientRequest.newBuilder()
            .setClientId(client)
            .setServerId(self)
            .setGroupId(group)
            .setCallId(callId)
            .setMessage(message)
            .setType(type)
            .build());
  }

  /// @param target who shall lead; empty just steps down
  CompletableFuture<RaftClientReply> transfer(long callId, Optional<NodeId> target, long millis)
      throws IOException {
    return server.transferLeadershipAsync(
        new TransferLeadershipRequest(
            client,
            self,
            group,
            callId,
            target.map(id -> RaftPeerId.valueOf(id.value())).orElse(null),
            millis));
  }

  /// Whether this voter may ask for votes.
  CompletableFuture<RaftClientReply> candidacy(long callId, boolean allowed) throws IOException {
    return server.leaderElectionManagementAsync(
        allowed
            ? LeaderElectionManagementRequest.newResume(client, self, group, callId)
            : LeaderElectionManagementRequest.newPause(client, self, group, callId));
  }

  /// Whether that voter would elect this one now, by Raft's pre-vote, which binds nobody. Blocks
  /// for one request timeout at most.
  ///
  /// @throws IOException when it does not answer
  /// @throws RuntimeException when it answers that a lease runs, or the connection fails
  boolean wouldElect(NodeId voter, long callId, TermIndex last) throws IOException {
    return server
        .getServerRpc()
        .requestVote(
            RequestVoteRequestProto.newBuilder()
                .setServerRequest(rpc(self, RaftPeerId.valueOf(voter.value()), callId))
                .setCandidateTerm(last.getTerm())
                .setCandidateLastEntry(last.toProto())
                .setPreVote(true)
                .build())
        .getServerReply()
        .getSuccess();
  }

  /// Why that voter would not lead now; empty when it would, or does not say. Blocks for one
  /// request timeout at most.
  Optional<String> objection(NodeId voter, long callId) {
    try {
      var _ =
          server
              .getServerRpc()
              .startLeaderElection(
                  StartLeaderElectionRequestProto.newBuilder()
                      .setServerRequest(rpc(self, RaftPeerId.valueOf(voter.value()), callId))
                      .build());
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      return GuardedService.objection(e);
    }
  }

  /// Begins an election without another pre-vote, as if the leader of the present term had asked
  /// for it.
  ///
  /// @param last end of the log, of the present term
  /// @return false when Raft sees it otherwise: this voter follows somebody else by now, or nobody;
  ///   or when its disk refused, and this division has failed
  boolean succeed(NodeId leader, long callId, TermIndex last) {
    try {
      return server
          .startLeaderElection(
              StartLeaderElectionRequestProto.newBuilder()
                  .setServerRequest(rpc(RaftPeerId.valueOf(leader.value()), self, callId))
                  .setLeaderLastEntry(last.toProto())
                  .build())
          .getServerReply()
          .getSuccess();
    } catch (IOException e) {
      return false;
    } catch (RuntimeException e) {
      // So Ratis tells that its vote could not be written: it is a candidate that does nothing now.
      fails("an election could not be begun: " + deepest(e));
      return false;
    }
  }

  private RaftRpcRequestProto rpc(RaftPeerId from, RaftPeerId to, long callId) {
    return RaftRpcRequestProto.newBuilder()
        .setRequestorId(from.toByteString())
        .setReplyId(to.toByteString())
        .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(group))
        .setCallId(callId)
        .build();
  }

  /// The last entry when it is of the present term; empty otherwise.
  Optional<TermIndex> freshEnd() {
    try {
      return Optional.ofNullable(division.getRaftLog().getLastEntryTermIndex())
          .filter(last -> last.getTerm() == division.getInfo().getCurrentTerm());
    } catch (RuntimeException e) {
      // So Ratis tells that it closed the log by itself.
      fails("the end of the raft log cannot be read: " + deepest(e));
      return Optional.empty();
    }
  }

  /// See `Redial`.
  void redial(List<NodeId> others) {
    redial.to(others);
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new Refusal(Reason.STORAGE_FAILED, "closing raft failed: " + e.getMessage(), e);
    } finally {
      machine.close();
    }
  }
}
