package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.thirdparty.io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import org.apache.ratis.thirdparty.io.grpc.Metadata;
import org.apache.ratis.thirdparty.io.grpc.ServerCall;
import org.apache.ratis.thirdparty.io.grpc.ServerCallHandler;
import org.apache.ratis.thirdparty.io.grpc.ServerInterceptor;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.apache.ratis.util.CodeInjectionForTesting;

/// The door of the raft port: lets only the protocol of voters in, only what is meant for this
/// node, asks the guard before each vote, and lets no answer out that the disk does not bear. Any
/// thread.
final class GuardedService implements ServerInterceptor, GrpcServices.Customizer {
  /// Where a test cuts the network, by Ratis' own means: code that returns true cuts.
  static final String RECEIVE = "ringrift.receive";

  private static final String NO_VOTE = "no vote: ";
  private static final String HELD_BACK = "holds back from leading: ";
  private static final String VOTERS_ONLY = "ratis.grpc.RaftServerProtocolService";

  private final NodeId self;
  private final VoteGuard guard;
  private final Ticker ticker;
  private final LongSupplier synced;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile String heldBack = "";

  /// @param synced last index of the log that is on the disk; any thread
  GuardedService(NodeId self, VoteGuard guard, Ticker ticker, LongSupplier synced) {
    this.self = self;
    this.guard = guard;
    this.ticker = ticker;
    this.synced = synced;
  }

  @Override
  public NettyServerBuilder customize(
      NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
    return builder.intercept(this);
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String service = call.getMethodDescriptor().getServiceName();
    if (service == null || !service.equals(VOTERS_ONLY)) {
      call.close(
          Status.PERMISSION_DENIED.withDescription("this port serves voters only"), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    var answers = new SyncedAnswers<>(call, synced);
    return new Guarded<>(answers, next.startCall(answers, headers));
  }

  private static boolean binds(Object message) {
    return message instanceof RequestVoteRequestProto vote && !vote.getPreVote();
  }

  private void settles() {
    lock.lock();
    try {
      guard.settles();
    } finally {
      lock.unlock();
    }
  }

  /// See `VoteGuard.settled`. Any thread.
  long settled() {
    lock.lock();
    try {
      return guard.settled();
    } finally {
      lock.unlock();
    }
  }

  /// Whether a voter withheld its vote; anything else that fails is a failed connection.
  static boolean isAnswer(Exception failure) {
    String told = Status.fromThrowable(failure).getDescription();
    return told != null && told.startsWith(NO_VOTE);
  }

  /// Why this voter holds back from leading; empty text when it does not. Any thread.
  void holdsBack(String why) {
    heldBack = why;
  }

  /// Ratis would make this voter a candidate that begins no election. A request without an entry is
  /// a question only.
  private Optional<Status> standsBack(StartLeaderElectionRequestProto start) {
    String why = heldBack;
    if (!why.isEmpty()) {
      return Optional.of(Status.UNAVAILABLE.withDescription(HELD_BACK + why));
    }
    return start.hasLeaderLastEntry()
        ? Optional.empty()
        : Optional.of(Status.UNAVAILABLE.withDescription("asked only; nothing is against it"));
  }

  /// Why a voter holds back from leading, as it answered; empty for any other answer.
  static Optional<String> objection(Exception failure) {
    return Optional.ofNullable(Status.fromThrowable(failure).getDescription())
        .filter(told -> told.startsWith(HELD_BACK))
        .map(told -> told.substring(HELD_BACK.length()));
  }

  /// This voter has executed so far, and leads or not.
  void stands(long index, boolean leads) {
    lock.lock();
    try {
      guard.applied(ticker.now(), index);
      if (leads) {
        guard.leads();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Whether this voter began with an empty log and has not caught up.
  boolean rebuilding() {
    lock.lock();
    try {
      return guard.rebuilding();
    } finally {
      lock.unlock();
    }
  }

  private Optional<Status> refusal(Object message) {
    return switch (message) {
      case AppendEntriesRequestProto append ->
          meant(append.getServerRequest()).or(() -> heard(append));
      case InstallSnapshotRequestProto install ->
          meant(install.getServerRequest()).or(() -> heard(install));
      case StartLeaderElectionRequestProto start ->
          meant(start.getServerRequest()).or(() -> standsBack(start));
      case RequestVoteRequestProto vote -> meant(vote.getServerRequest()).or(() -> withheld(vote));
      default -> Optional.empty();
    };
  }

  /// A peer that dials an address which has changed hands must not take our answer for another's.
  private Optional<Status> meant(RaftRpcRequestProto request) {
    if (CodeInjectionForTesting.execute(RECEIVE, self, requestor(request))) {
      return Optional.of(Status.UNAVAILABLE.withDescription("cut off by a test"));
    }
    String meant = request.getReplyId().toString(StandardCharsets.UTF_8);
    return meant.equals(self.value())
        ? Optional.empty()
        : Optional.of(Status.UNAVAILABLE.withDescription("this is " + self + ", not " + meant));
  }

  private static NodeId requestor(RaftRpcRequestProto request) {
    return new NodeId(request.getRequestorId().toString(StandardCharsets.UTF_8));
  }

  private Optional<Status> heard(AppendEntriesRequestProto append) {
    lock.lock();
    try {
      NodeId leader = requestor(append.getServerRequest());
      guard.heard(ticker.now(), leader, append.getLeaderTerm(), committed(append), isFirst(append));
      for (LogEntryProto entry : append.getEntriesList()) {
        if (entry.hasStateMachineLogEntry()) {
          var ours = RaftEntries.parse(entry.getStateMachineLogEntry().getLogData());
          if (ours.hasRelease() && ours.getRelease().getTerm() == entry.getTerm()) {
            guard.released(ours.getRelease().getTerm());
          }
        }
      }
    } finally {
      lock.unlock();
    }
    return Optional.empty();
  }

  /// A commit index of 0 proves nothing: a leader that restarted does not know yet.
  private static boolean isFirst(AppendEntriesRequestProto append) {
    return !append.hasPreviousLog()
        && append.getEntriesCount() > 0
        && append.getEntries(0).getIndex() == 0
        && append.getEntries(0).getTerm() == append.getLeaderTerm();
  }

  private static long covered(InstallSnapshotRequestProto install) {
    return install.hasSnapshotChunk()
        ? install.getSnapshotChunk().getTermIndex().getIndex()
        : install.getNotification().getFirstAvailableTermIndex().getIndex();
  }

  /// The append's own field never reaches beyond what it carries.
  private static long committed(AppendEntriesRequestProto append) {
    return append.getCommitInfosList().stream()
        .filter(info -> info.getServer().getId().equals(append.getServerRequest().getRequestorId()))
        .mapToLong(CommitInfoProto::getCommitIndex)
        .max()
        .orElse(0);
  }

  private Optional<Status> heard(InstallSnapshotRequestProto install) {
    lock.lock();
    try {
      NodeId leader = requestor(install.getServerRequest());
      guard.heard(ticker.now(), leader, install.getLeaderTerm(), covered(install), false);
    } finally {
      lock.unlock();
    }
    return Optional.empty();
  }

  /// See `VoteGuard.followed`. Any thread.
  Optional<Followed> followed() {
    lock.lock();
    try {
      return guard.followed();
    } finally {
      lock.unlock();
    }
  }

  /// Has this voter vote for itself unless a lease is held to. No append comes in meanwhile: one
  /// that was taken between the question and the vote would prolong a lease that this vote ends.
  ///
  /// @param behind the term that is over
  /// @param election begins it; false when Raft sees it otherwise
  boolean stand(long behind, BooleanSupplier election) {
    lock.lock();
    try {
      boolean stood = guard.mayStand(ticker.now(), behind) && election.getAsBoolean();
      if (stood) {
        guard.stood(behind);
      }
      return stood;
    } finally {
      lock.unlock();
    }
  }

  /// See `VoteGuard.holdsOffice`. Any thread.
  boolean holdsOffice(Moment until, long settledBefore) {
    lock.lock();
    try {
      return guard.holdsOffice(until, settledBefore);
    } finally {
      lock.unlock();
    }
  }

  private Optional<Status> withheld(RequestVoteRequestProto vote) {
    lock.lock();
    try {
      Optional<String> why =
          guard.withheld(
              ticker.now(),
              requestor(vote.getServerRequest()),
              vote.getCandidateLastEntry().getIndex());
      if (why.isEmpty() && binds(vote)) {
        guard.passes();
      }
      return why.map(text -> Status.UNAVAILABLE.withDescription(NO_VOTE + text));
    } finally {
      lock.unlock();
    }
  }

  /// One call of a peer.
  private final class Guarded<Q> extends SimpleForwardingServerCallListener<Q> {
    private final ServerCall<Q, ?> call;
    private boolean refused;
    private boolean votes;

    private Guarded(ServerCall<Q, ?> call, ServerCall.Listener<Q> next) {
      super(next);
      this.call = call;
    }

    @Override
    public void onMessage(Q message) {
      Optional<Status> refusal = refused ? Optional.empty() : refusal(message);
      if (refusal.isPresent()) {
        refused = true;
        call.close(refusal.get(), new Metadata());
      } else if (!refused) {
        votes = votes || binds(message);
        super.onMessage(message);
      }
    }

    /// Where Ratis decides about a vote, in this call.
    @Override
    public void onHalfClose() {
      if (!refused) {
        try {
          super.onHalfClose();
        } finally {
          settle();
        }
      }
    }

    @Override
    public void onCancel() {
      settle();
      super.onCancel();
    }

    @Override
    public void onComplete() {
      settle();
      super.onComplete();
    }

    private void settle() {
      if (votes) {
        votes = false;
        settles();
      }
    }
  }
}
