package io.ringrift.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.MembershipMode;
import io.ringrift.kernel.boot.KernelConfig.Succession;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// Whose grants and entries a voter takes: only equal names understand each other.
class ElectorateTest {
  private static KernelConfig config(String logId, Succession succession) {
    var at = new Endpoint("127.0.0.1", 8770);
    return new KernelConfig(
        "lab",
        logId,
        new NodeId("n1"),
        new BootId(1),
        Optional.of(at),
        List.of(new Voter(new NodeId("n1"), at, 0)),
        succession,
        List.of(),
        MembershipMode.HTTP,
        ConsensusMode.BULLY,
        Timing.local(),
        new KernelConfig.Raft("127.0.0.1", 4321, Duration.ofMillis(500), 1000, Optional.empty()),
        new KernelConfig.Swim(
            "127.0.0.1",
            7947,
            7947,
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty()),
        Path.of("state"));
  }

  private static String electorate(String logId, long version) {
    return config(logId, new Succession(version, "")).electorate();
  }

  @Test
  void votersOfDifferentListsDoNotUnderstandEachOther() {
    assertThat(electorate("lab", 0)).isEqualTo("lab");
    assertThat(electorate("lab", 1)).isNotEqualTo(electorate("lab", 0));
    assertThat(electorate("lab", 2)).isNotEqualTo(electorate("lab", 1));
    assertThat(electorate("lab#1", 2)).isNotEqualTo(electorate("lab", 2));
  }

  @Test
  void voterJoinsInTheLogThatItJoinedOnly() {
    assertThat(config("lab#1", new Succession(3, "lab#1")).joins()).isTrue();
    assertThat(config("lab#2", new Succession(3, "lab#1")).joins()).isFalse();
    assertThat(config("lab", Succession.CONFIGURED).joins()).isFalse();
  }
}
