package io.ringrift.chaos.run;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.ViewSample;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.kernel.Endpoint;
import io.ringrift.membership.v1.ListMembersRequest;
import io.ringrift.membership.v1.MembershipServiceGrpc;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// Asks every node again and again who leads and who is there. Any thread reads.
final class Watch implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final int LIMIT_MILLIS = 500;
  private static final String STATE = "MEMBER_STATE_";

  /// Answered by nobody: a node's name is never empty.
  private static final Map<String, String> UNTOLD = Map.of("", "");

  private final RunClock clock;
  private final EvidenceRecorder recorder;
  private final Map<String, RoleSample> latest = new ConcurrentSkipListMap<>();
  private final Map<String, Map<String, String>> views = new ConcurrentSkipListMap<>();
  private final AtomicReference<Optional<RoleSample>> led = new AtomicReference<>(Optional.empty());
  private final Optional<String> token;
  private volatile boolean over;

  Watch(Map<String, Endpoint> nodes, RunClock clock, EvidenceRecorder recorder) {
    this(nodes, clock, recorder, Optional.empty());
  }

  /// @param token bearer token, where the nodes want one
  Watch(
      Map<String, Endpoint> nodes,
      RunClock clock,
      EvidenceRecorder recorder,
      Optional<String> token) {
    this.token = token;
    this.clock = clock;
    this.recorder = recorder;
    nodes.forEach(
        (node, at) ->
            Thread.ofVirtual()
                .name("watch-" + node)
                .uncaughtExceptionHandler(Threads.telling(recorder::failed))
                .start(() -> watch(node, at)));
  }

  private void watch(String node, Endpoint at) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(at.host(), at.port()).usePlaintext().build();
    Channel asking = Bearer.on(channel, token);
    try {
      Map<String, String> seen = Map.of();
      while (!over) {
        RoleSample sample = sample(node, asking);
        RoleSample last = latest.put(node, sample);
        if (sample.leads()) {
          led.accumulateAndGet(Optional.of(sample), Watch::later);
        }
        if (last == null || !last.role().equals(RoleSample.DOWN) || sample.answered()) {
          recorder.sample(sample);
        }
        if (sample.answered()) {
          seen = view(node, asking, seen);
        } else {
          // What it tells next is told anew, also when it is the same.
          seen = silent(sample.atNanos(), node, seen);
          // The back-off of a channel to a node that comes back would hide its first seconds.
          channel.resetConnectBackoff();
        }
        LockSupport.parkNanos(this, PAUSE.toNanos());
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private RoleSample sample(String node, Channel channel) {
    try {
      var told =
          ElectionServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(LIMIT_MILLIS, TimeUnit.MILLISECONDS)
              .getLeadership(GetLeadershipRequest.getDefaultInstance());
      return new RoleSample(
          clock.nanos(),
          node,
          told.getRole().name().replace("ROLE_", "").replace("UNSPECIFIED", "OBSERVER"),
          told.getEpoch(),
          told.getLeaderId(),
          "status");
    } catch (StatusRuntimeException noAnswer) {
      return new RoleSample(clock.nanos(), node, RoleSample.DOWN, 0, "", "status");
    }
  }

  /// @param before as returned last
  /// @return what the node says of the members; `UNTOLD` when it does not answer
  private Map<String, String> view(String node, Channel channel, Map<String, String> before) {
    long asked = clock.nanos();
    try {
      var told =
          MembershipServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(LIMIT_MILLIS, TimeUnit.MILLISECONDS)
              .listMembers(ListMembersRequest.getDefaultInstance());
      var members = new TreeMap<String, String>();
      told.getMembersList()
          .forEach(m -> members.put(m.getNodeId(), m.getState().name().replace(STATE, "")));
      views.put(node, members);
      if (!members.equals(before)) {
        recorder.view(new ViewSample(clock.nanos(), node, true, members));
      }
      return members;
    } catch (StatusRuntimeException noAnswer) {
      return silent(asked, node, before);
    }
  }

  private Map<String, String> silent(long at, String node, Map<String, String> before) {
    if (!before.equals(UNTOLD)) {
      recorder.view(ViewSample.none(at, node));
    }
    views.remove(node);
    return UNTOLD;
  }

  /// What each node said last.
  List<RoleSample> latest() {
    return List.copyOf(latest.values());
  }

  /// Who says that it leads, in the greatest epoch.
  Optional<RoleSample> leader() {
    return latest.values().stream()
        .filter(RoleSample::leads)
        .max(Comparator.comparingLong(RoleSample::epoch));
  }

  /// Who said last that it leads, in the greatest epoch: one that is too busy to answer just now
  /// may lead all the same.
  Optional<RoleSample> ledLast() {
    return led.get();
  }

  private static Optional<RoleSample> later(Optional<RoleSample> known, Optional<RoleSample> told) {
    return known.filter(k -> k.epoch() > told.orElseThrow().epoch()).or(() -> told);
  }

  /// The leader that all these nodes name in one epoch, if they do.
  ///
  /// @param since answers from before that time do not count
  Optional<RoleSample> agreed(List<String> nodes, long since) {
    return leader()
        .filter(
            leader ->
                nodes.stream()
                    .map(latest::get)
                    .allMatch(
                        sample ->
                            sample != null
                                && sample.atNanos() > since
                                && sample.epoch() == leader.epoch()
                                && sample.leader().equals(leader.node())));
  }

  /// Whether each of these nodes told last that all others are there.
  boolean met(List<String> nodes) {
    return nodes.stream()
        .allMatch(
            node -> {
              Map<String, String> told = views.getOrDefault(node, Map.of());
              return nodes.stream()
                  .filter(other -> !other.equals(node))
                  .allMatch(other -> told.getOrDefault(other, "").equals("ALIVE"));
            });
  }

  @Override
  public void close() {
    over = true;
  }
}
