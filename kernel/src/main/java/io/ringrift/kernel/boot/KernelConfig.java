package io.ringrift.kernel.boot;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.membership.swim.SwimTiming;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Everything the kernel needs to know.
///
/// @param logId names the life of the log: the cluster, and how often its state moved to another
///   log. Voters of different lives do not exchange log entries or votes
/// @param advertise where others dial this node; empty for an outbound-only node
/// @param voters voters in force; empty only for a standalone node, which then is the one voter
/// @param succession which of the cluster's lists of voters that is
/// @param seeds endpoints to say hello to beside the voters
/// @param stateDir folder that belongs to this node alone; locked while it runs
public record KernelConfig(
    String clusterId,
    String logId,
    NodeId self,
    BootId boot,
    Optional<Endpoint> advertise,
    List<Voter> voters,
    Succession succession,
    List<Endpoint> seeds,
    MembershipMode membershipMode,
    ConsensusMode consensusMode,
    Timing timing,
    Raft raft,
    Swim swim,
    Path stateDir) {
  /// Which of the lists of voters that a cluster had one after another.
  ///
  /// @param version number of the change that made the list, or will make it, for a node that
  ///   joins; 0 is the configured one
  /// @param joinedLog name of the log in which this node became a voter of a running cluster; empty
  ///   for a voter of its first list
  public record Succession(long version, String joinedLog) {
    /// The voters are as configured.
    public static final Succession CONFIGURED = new Succession(0, "");
  }

  /// A configured voter.
  ///
  /// @param priority greater ranks higher; equal priorities are ranked by node id
  /// @param raftPort where others dial its Raft, on the host of the endpoint
  /// @param swimPort where others dial its SWIM, on the host of the endpoint
  public record Voter(NodeId id, Endpoint endpoint, int priority, int raftPort, int swimPort) {
    /// With the default ports of Raft and SWIM.
    public Voter(NodeId id, Endpoint endpoint, int priority) {
      this(id, endpoint, priority, Raft.DEFAULT_PORT, Swim.DEFAULT_PORT);
    }

    /// Where others dial its Raft.
    public Endpoint raft() {
      return new Endpoint(endpoint.host(), raftPort);
    }

    /// Where others dial its SWIM.
    public Endpoint swim() {
      return new Endpoint(endpoint.host(), swimPort);
    }
  }

  /// Certificates of this node in PEM files, for the links that carry no bearer token.
  ///
  /// @param ca signs the certificates of every node
  public record Tls(Path ca, Path certificate, Path key) {}

  /// What consensus by Raft needs beside the voters; unused in mode bully.
  ///
  /// @param electionTimeout silence of a leader after which a follower may become a candidate, at
  ///   least; at most twice as long
  /// @param compactionMinEntries least number of log entries between two snapshots
  /// @param tls empty leaves the links in plain text
  public record Raft(
      String bindHost,
      int bindPort,
      Duration electionTimeout,
      int compactionMinEntries,
      Optional<Tls> tls) {
    /// The port of SPEC 3.1.
    public static final int DEFAULT_PORT = 4321;
  }

  /// What membership by SWIM needs; unused in mode http. Figures left out follow from the timing.
  ///
  /// @param advertisePort where others dial, on the advertised host
  /// @param pingInterval gap between probes
  /// @param suspicionTimeout how long a suspect may refute
  /// @param indirectPings members asked to probe for one that did not answer
  /// @param tls empty leaves the links in plain text
  public record Swim(
      String bindHost,
      int bindPort,
      int advertisePort,
      Optional<Duration> pingInterval,
      Optional<Duration> suspicionTimeout,
      OptionalInt indirectPings,
      Optional<Tls> tls) {
    /// The port of SPEC 2.1.
    public static final int DEFAULT_PORT = 7947;

    /// All figures: those that are set, and what follows from the timing for the others.
    public SwimTiming figures(Timing timing) {
      var figures = SwimTiming.of(timing);
      if (pingInterval.isPresent()) {
        figures = figures.withPingInterval(pingInterval.get());
      }
      if (indirectPings.isPresent()) {
        figures = figures.withIndirectPings(indirectPings.getAsInt());
      }
      return suspicionTimeout.map(figures::withSuspicion).orElse(figures);
    }
  }

  public enum MembershipMode {
    HTTP,
    SWIM,
    HYBRID
  }

  public enum ConsensusMode {
    BULLY,
    RAFT,
    HYBRID
  }

  /// What voters of leases exchange grants and entries under: the log, and the list of voters whose
  /// majority is meant. Equal names only understand each other.
  String electorate() {
    return succession.version() == 0 ? logId : logId + "/voters-" + succession.version();
  }

  /// Whether this voter's first entry is one that the others send it: until then it knows no
  /// voters.
  boolean joins() {
    return succession.joinedLog().equals(logId);
  }

  /// Can dial out only: never a voter, orders travel back over the stream it opens.
  public boolean outboundOnly() {
    return advertise.isEmpty();
  }

  public boolean isVoter() {
    return voters.stream().anyMatch(v -> v.id().equals(self));
  }
}
