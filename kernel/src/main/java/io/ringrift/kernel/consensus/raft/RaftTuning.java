package io.ringrift.kernel.consensus.raft;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.server.RaftServerConfigKeys.Read;
import org.apache.ratis.server.RaftServerConfigKeys.Rpc;
import org.apache.ratis.server.RaftServerConfigKeys.Snapshot;
import org.apache.ratis.server.RaftServerConfigKeys.ThreadPool;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/// Every key of Ratis that matters, set on purpose: its defaults listen on every interface, store
/// under the temporary folder, and keep all logs and snapshots for ever.
final class RaftTuning {
  /// Most commands that wait for a majority.
  static final int MOST_PENDING = 4_096;

  /// Largest entry: at most one command of `Ledger.MAX_COMMAND_BYTES` and its envelope.
  static final SizeInBytes APPENDER = SizeInBytes.valueOf(2L << 20);

  private static final SizeInBytes MESSAGE = SizeInBytes.valueOf(8L << 20);
  private static final int THREADS = 16;

  private final RaftConfig config;
  private final RaftProperties properties = new RaftProperties();

  private RaftTuning(RaftConfig config) {
    this.config = config;
  }

  /// @param storage folder that belongs to Ratis alone
  static RaftProperties properties(RaftConfig config, Path storage) {
    var tuning = new RaftTuning(config);
    tuning.storage(storage);
    tuning.timing();
    tuning.log();
    tuning.snapshots();
    tuning.reads();
    tuning.network();
    tuning.threads();
    return tuning.properties;
  }

  /// What may wait in memory before the oldest is refused, of the kind that scales with the heap.
  static long unit(RaftConfig config) {
    return Math.clamp(config.heapBytes() / 24, 4L << 20, 64L << 20);
  }

  private void storage(Path storage) {
    RaftServerConfigKeys.setStorageDir(properties, List.of(storage.toFile()));
    RaftServerConfigKeys.setStorageFreeSpaceMin(properties, SizeInBytes.valueOf(0));
    RaftServerConfigKeys.setRemovedGroupsDir(properties, storage.resolve("removed").toFile());
  }

  private void timing() {
    var min = time(config.electionMin());
    var max = time(config.electionMax());
    Rpc.setTimeoutMin(properties, min);
    Rpc.setTimeoutMax(properties, max);
    // A voter that restarts has forgotten whose lease it supports: it sits one out.
    Rpc.setFirstElectionTimeoutMin(properties, min);
    Rpc.setFirstElectionTimeoutMax(properties, max);
    Rpc.setRequestTimeout(properties, time(atLeast(config.electionMax(), 1_000)));
    Rpc.setSlownessTimeout(properties, time(Duration.ofSeconds(60)));
    RaftServerConfigKeys.LeaderElection.setPreVote(properties, true);
    RaftServerConfigKeys.LeaderElection.setMemberMajorityAdd(properties, false);
    RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, max);
    RaftServerConfigKeys.Notification.setNoLeaderTimeout(properties, time(Duration.ofSeconds(5)));
    RaftServerConfigKeys.setCloseThreshold(properties, time(Duration.ofSeconds(60)));
    RaftServerConfigKeys.setStagingTimeout(properties, time(Duration.ofMinutes(2)));
    RaftServerConfigKeys.RetryCache.setExpiryTime(properties, time(Duration.ofSeconds(5)));
    RaftServerConfigKeys.RetryCache.setStatisticsExpiryTime(
        properties, time(Duration.ofSeconds(1)));
  }

  private void log() {
    var unit = SizeInBytes.valueOf(unit(config));
    Log.setUseMemory(properties, false);
    Log.setSegmentSizeMax(properties, unit);
    Log.setPreallocatedSize(properties, SizeInBytes.valueOf(1L << 20));
    Log.setWriteBufferSize(properties, SizeInBytes.valueOf(APPENDER.getSize() + 1024));
    Log.setSegmentCacheNumMax(properties, 2);
    Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf(2 * unit.getSize()));
    Log.setQueueElementLimit(properties, 2 * MOST_PENDING);
    Log.setQueueByteLimit(properties, unit);
    Log.setForceSyncNum(properties, 128);
    Log.setUnsafeFlushEnabled(properties, false);
    Log.setAsyncFlushEnabled(properties, false);
    Log.setLogMetadataEnabled(properties, false);
    Log.setCorruptionPolicy(properties, Log.CorruptionPolicy.EXCEPTION);
    Log.setPurgeUptoSnapshotIndex(properties, true);
    Log.setPurgeGap(properties, Math.max(1, Math.min(1024, config.snapshotEvery() / 2)));
    Log.setPurgePreservationLogNum(properties, Math.min(10_000, config.snapshotEvery()));
    Log.Appender.setBufferByteLimit(properties, APPENDER);
    Log.Appender.setBufferElementLimit(properties, 0);
    Log.Appender.setSnapshotChunkSizeMax(properties, SizeInBytes.valueOf(1L << 20));
    Log.Appender.setInstallSnapshotEnabled(properties, true);
    Log.Appender.setRetryPolicy(properties, pauses());
    Log.Appender.setWaitTimeMin(properties, time(Duration.ofMillis(1)));
    Log.StateMachineData.setSync(properties, false);
    Log.StateMachineData.setSyncTimeoutRetry(properties, 3);
    RaftServerConfigKeys.Write.setElementLimit(properties, MOST_PENDING);
    RaftServerConfigKeys.Write.setByteLimit(properties, unit);
  }

  /// How long a leader leaves a follower alone that does not answer, by the number of errors: Ratis
  /// makes it up to half as long again, so one election timeout at most. Its own are five seconds,
  /// and the beats of one lease alone come near them.
  private String pauses() {
    long longest = Math.max(1, config.electionMin().toMillis() * 2 / 3);
    return "1ms,10, " + longest + "ms," + Integer.MAX_VALUE;
  }

  /// None on stopping: the applied position stands in the state, and what is replayed is skipped.
  private void snapshots() {
    Snapshot.setAutoTriggerEnabled(properties, true);
    Snapshot.setAutoTriggerThreshold(properties, config.snapshotEvery());
    Snapshot.setTriggerWhenStopEnabled(properties, false);
    Snapshot.setTriggerWhenRemoveEnabled(properties, false);
    Snapshot.setCreationGap(properties, 1);
    Snapshot.setRetentionFileNum(properties, 2);
  }

  private void reads() {
    Read.setOption(properties, Read.Option.LINEARIZABLE);
    Read.setLeaderLeaseEnabled(properties, true);
    Read.setLeaderLeaseTimeoutRatio(properties, 0.9);
    Read.setLeaderHeartbeatCheckEnabled(properties, true);
    Read.setTimeout(properties, time(Duration.ofSeconds(3)));
  }

  private void network() {
    GrpcConfigKeys.Server.setHost(properties, config.bindHost());
    GrpcConfigKeys.Server.setPort(properties, config.bindPort());
    GrpcConfigKeys.Admin.setHost(properties, config.bindHost());
    GrpcConfigKeys.Admin.setPort(properties, config.bindPort());
    GrpcConfigKeys.Client.setHost(properties, config.bindHost());
    GrpcConfigKeys.Client.setPort(properties, config.bindPort());
    GrpcConfigKeys.setMessageSizeMax(properties, MESSAGE);
    GrpcConfigKeys.setFlowControlWindow(properties, SizeInBytes.valueOf(1L << 20));
    GrpcConfigKeys.Server.setHeartbeatChannel(properties, true);
    GrpcConfigKeys.Server.setLeaderOutstandingAppendsMax(properties, 8);
    GrpcConfigKeys.Server.setLogMessageBatchDuration(properties, time(Duration.ofSeconds(10)));
    GrpcConfigKeys.Server.setInstallSnapshotRequestTimeout(
        properties, time(Duration.ofSeconds(10)));
  }

  private void threads() {
    ThreadPool.setProxyCached(properties, true);
    ThreadPool.setProxySize(properties, THREADS);
    ThreadPool.setServerCached(properties, true);
    ThreadPool.setServerSize(properties, THREADS);
    ThreadPool.setClientCached(properties, true);
    ThreadPool.setClientSize(properties, THREADS);
    GrpcConfigKeys.Server.setAsyncRequestThreadPoolCached(properties, true);
    GrpcConfigKeys.Server.setAsyncRequestThreadPoolSize(properties, THREADS);
  }

  private static Duration atLeast(Duration value, long millis) {
    return value.toMillis() < millis ? Duration.ofMillis(millis) : value;
  }

  static TimeDuration time(Duration value) {
    return TimeDuration.valueOf(value.toMillis(), TimeUnit.MILLISECONDS);
  }
}
