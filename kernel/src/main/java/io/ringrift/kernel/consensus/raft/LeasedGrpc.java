package io.ringrift.kernel.consensus.raft;

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

/// Ratis' gRPC transport, which also tells `Followers` who took which append when, and begins again
/// with a follower whose log was lost. Ratis makes it by its class name.
public final class LeasedGrpc implements RpcType {
  private static final String FOLLOWERS = "ringrift.followers";

  static void watch(Parameters parameters, Followers followers) {
    parameters.put(FOLLOWERS, followers, Followers.class);
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

    Factory(Parameters parameters) {
      super(parameters);
      this.followers = parameters.getNonNull(FOLLOWERS, Followers.class);
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division server, LeaderState state, FollowerInfo follower) {
      return new GrpcLogAppender(
          server, new Listening(state, followers.begins(follower)), follower);
    }
  }

  /// Hands everything on.
  private record Listening(LeaderState state, Followers.Seen seen) implements LeaderState {
    @Override
    public void onAppendEntriesReply(LogAppender appender, AppendEntriesReplyProto reply) {
      FollowerInfo follower = appender.getFollower();
      if (reply.getResult() == AppendResult.SUCCESS) {
        seen.took();
      } else if (reply.getResult() == AppendResult.INCONSISTENCY
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
