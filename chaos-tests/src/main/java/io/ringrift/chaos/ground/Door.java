package io.ringrift.chaos.ground;

import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// A port of a node, by what it serves.
public enum Door {
  /// HTTP and gRPC.
  WEB,
  /// Raft between voters.
  RAFT,
  /// SWIM, connections and datagrams.
  SWIM;

  /// Those on which a voter listens in these modes.
  public static Set<Door> of(ConsensusMode consensus, MembershipMode membership) {
    var doors = EnumSet.of(WEB);
    if (consensus != ConsensusMode.BULLY) {
      doors.add(RAFT);
    }
    if (membership != MembershipMode.HTTP) {
      doors.add(SWIM);
    }
    return doors;
  }

  /// As reports write it.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
