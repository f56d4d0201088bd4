package io.ringrift.kernel.boot;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// Refuses a configuration that contradicts itself, with every fault at once.
final class ConfigCheck {
  private ConfigCheck() {}

  /// The configuration with what follows from it: a node without voters is the one voter.
  static KernelConfig settled(KernelConfig config) {
    var faults = new ArrayList<>(config.timing().faults());
    if (config.clusterId().isBlank()) {
      faults.add("cluster_id must not be blank");
    }
    var seen = new HashSet<>();
    for (Voter voter : config.voters()) {
      if (!seen.add(voter.id())) {
        faults.add("voter " + voter.id() + " is configured twice");
      }
    }
    if (config.outboundOnly() && config.isVoter()) {
      faults.add(
          "voter " + config.self() + " has no advertised address, but others must dial a voter");
    }
    if (config.outboundOnly() && config.voters().isEmpty()) {
      faults.add("a node without an advertised address needs the list of voters");
    }
    if (!faults.isEmpty()) {
      throw new Refusal(
          Reason.INVALID_ARGUMENT, "the configuration is wrong: " + String.join("; ", faults));
    }
    return config.voters().isEmpty() ? standalone(config) : config;
  }

  private static KernelConfig standalone(KernelConfig config) {
    return new KernelConfig(
        config.clusterId(),
        config.logId(),
        config.self(),
        config.boot(),
        config.advertise(),
        List.of(
            new Voter(
                config.self(),
                config.advertise().orElseThrow(),
                0,
                config.raft().bindPort(),
                config.swim().advertisePort())),
        config.succession(),
        config.seeds(),
        config.membershipMode(),
        config.consensusMode(),
        config.timing(),
        config.raft(),
        config.swim(),
        config.stateDir());
  }
}
