package io.ringrift.kernel.consensus.raft;

import java.time.Duration;
import java.util.List;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;

/// Ratis' gRPC transport, which also tells `Followers` who took which append when, begins again
/// with a follower whose log was lost, and asks again for an answer that was lost. Ratis makes it
/// by its class name.
public final class LeasedGrpc implements RpcType {
  private static final String FOLLOWERS = "ringrift.followers";
  private static final String HEARTBEAT = "ringrift.heartbeat";

  /// @param heartbeat longest gap between a follower's answer and the next append
  static void watch(Parameters parameters, Followers followers, Duration heartbeat) {
    parameters.put(FOLLOWERS, followers, Followers.class);
    parameters.put(HEARTBEAT, heartbeat, Duration.class);
  }

  @Override
  public String name() {
    return LeasedGrpc.class.getName();
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(parameters);
  }

  private static final class Factory extends GrpcFactory {
    private final Followers followers;
    private final Duration heartbeat;

    Factory(Parameters parameters) {
      super(parameters);
      this.followers = parameters.getNonNull(FOLLOWERS, Followers.class);
      this.heartbeat = parameters.getNonNull(HEARTBEAT, Duration.class);
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division server, LeaderState state, FollowerInfo follower) {
      var listening = new Listening(state, followers.begins(follower));
      return new Paced(server, listening, follower, heartbeat.toMillis());
    }
  }

  /// Beats oftener than twice a lease, as Ratis does: one late beat must not cost an office. Sends
  /// the last entry again when its answer was lost with a connection.
  private static final class Paced extends GrpcLogAppender {
    private final long gapMillis;

    /// Whether a beat was answered since a request was made.
    private volatile boolean beatAnswered;

    Paced(RaftServer.Division server, LeaderState state, FollowerInfo follower, long gapMillis) {
      super(server, state, follower);
      this.gapMillis = gapMillis;
    }

    @Override
    public long getHeartbeatWaitTimeMs() {
      long sinceAnswer = getFollower().getLastRpcResponseTime().elapsedTimeMs();
      long sinceBeat = getFollower().getLastHeartbeatSendTime().elapsedTimeMs();
      long wait = Math.max(gapMillis - sinceAnswer, gapMillis / 2 - sinceBeat);
      return Math.min(wait, super.getHeartbeatWaitTimeMs());
    }

    /// Under the lock of Ratis that guards the follower's place.
    @Override
    public AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat)
        throws RaftLogIOException {
      if (beatAnswered) {
        beatAnswered = false;
        askAgain();
      }
      return super.newAppendEntriesRequest(callId, heartbeat);
    }

    /// The follower has the entries, or says in its answer that it has not. Beats say neither, so
    /// that Ratis would count the last entry as not taken until there is another one: a leader that
    /// waits for the entry of its office offers none. What a follower knows as committed it would
    /// not take again.
    private void askAgain() {
      FollowerInfo follower = getFollower();
      long last = follower.getNextIndex() - 1;
      boolean everythingIsSent = last + 1 == getRaftLog().getNextIndex();
      if (everythingIsSent
          && last > Math.max(follower.getMatchIndex(), follower.getCommitIndex())
          && !hasPendingDataRequests()
          && last > RaftLog.LEAST_VALID_LOG_INDEX
          && getRaftLog().getTermIndex(last - 1) != null) {
        follower.setNextIndex(last);
      }
    }
  }

  /// Hands everything on.
  private record Listening(LeaderState state, Followers.Seen seen) implements LeaderState {
    @Override
    public void onAppendEntriesReply(LogAppender appender, AppendEntriesReplyProto reply) {
      FollowerInfo follower = appender.getFollower();
      boolean took = reply.getResult() == AppendResult.SUCCESS;
      seen.answers(reply.getServerReply().getCallId(), took);
      if (took && reply.getIsHearbeat() && appender instanceof Paced paced) {
        paced.beatAnswered = true;
      }
      if (reply.getResult() == AppendResult.INCONSISTENCY
          && reply.getNextIndex() <= follower.getMatchIndex()) {
        // It lost what it had acknowledged: its disk was wiped. Ratis would offer it what it has
        // not lost for ever (RATIS-2523).
        follower.setNextIndex(reply.getNextIndex());
      }
      state.onAppendEntriesReply(appender, reply);
    }

    @Override
    public void restart(LogAppender appender) {
      state.restart(appender);
    }

    @Override
    public AppendEntriesRequestProto newAppendEntriesRequestProto(
        FollowerInfo follower, List<LogEntryProto> entries, TermIndex previous, long callId) {
      seen.sends(callId);
      return state.newAppendEntriesRequestProto(follower, entries, previous, callId);
    }

    @Override
    public void checkHealth(FollowerInfo follower) {
      state.checkHealth(follower);
    }

    @Override
    public boolean onFollowerTerm(FollowerInfo follower, long followerTerm) {
      return state.onFollowerTerm(follower, followerTerm);
    }

    @Override
    public void onFollowerCommitIndex(FollowerInfo follower, long commitIndex) {
      state.onFollowerCommitIndex(follower, commitIndex);
    }

    @Override
    public void onFollowerSuccessAppendEntries(FollowerInfo follower) {
      state.onFollowerSuccessAppendEntries(follower);
    }

    @Override
    public boolean isFollowerBootstrapping(FollowerInfo follower) {
      return state.isFollowerBootstrapping(follower);
    }
  }
}
