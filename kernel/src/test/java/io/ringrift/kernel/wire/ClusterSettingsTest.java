package io.ringrift.kernel.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which differences keep two nodes apart.
class ClusterSettingsTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");

  private static ClusterSettings settings(long votersVersion, String... voters) {
    return settings(Duration.ZERO, votersVersion, voters);
  }

  private static ClusterSettings settings(
      Duration raftElectionTimeout, long votersVersion, String... voters) {
    List<NodeId> ids = Stream.of(voters).map(NodeId::new).toList();
    return new ClusterSettings(
        "lab",
        "http",
        "bully",
        1,
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        raftElectionTimeout,
        ids,
        votersVersion);
  }

  private static ClusterSettings inModes(String membership, String consensus) {
    return new ClusterSettings(
        "lab",
        membership,
        consensus,
        1,
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        List.of(N1, N2));
  }

  @ParameterizedTest
  @CsvSource({"bully, raft", "bully, hybrid", "raft, hybrid", "hybrid, raft", "raft, bully"})
  void modesOfConsensusHaveToBeEqual(String here, String there) {
    var read = MembershipProtos.settings(MembershipProtos.proto(inModes("http", there)));
    assertThat(inModes("http", here).mismatch(N1, N2, read))
        .hasValueSatisfying(
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Reason.SETTINGS_MISMATCH);
              assertThat(refusal.text())
                  .contains("consensus_mode is " + here + " against " + there)
                  .contains("n1's value first")
                  .doesNotContain("membership_mode");
            });
  }

  @ParameterizedTest
  @CsvSource({"http, swim", "http, hybrid", "swim, hybrid", "hybrid, swim", "swim, http"})
  void modesOfMembershipHaveToBeEqual(String here, String there) {
    var read = MembershipProtos.settings(MembershipProtos.proto(inModes(there, "raft")));
    assertThat(inModes(here, "raft").mismatch(N1, N2, read))
        .hasValueSatisfying(
            refusal ->
                assertThat(refusal.text())
                    .contains("membership_mode is " + here + " against " + there)
                    .doesNotContain("consensus_mode"));
  }

  @Test
  void configuredVotersHaveToBeEqual() {
    assertThat(settings(0, "n1", "n2").mismatch(N1, N2, settings(0, "n1", "n3")))
        .hasValueSatisfying(
            refusal -> assertThat(refusal.text()).contains("voters is [n1, n2] against [n1, n3]"));
  }

  @Test
  void leaseOfARaftLeaderIsCountedAlikeEverywhere() {
    var shorter = settings(Duration.ofMillis(500), 0, "n1", "n2");
    var longer = settings(Duration.ofSeconds(1), 0, "n1", "n2");
    var read = MembershipProtos.settings(MembershipProtos.proto(longer));
    assertThat(read).isEqualTo(longer);
    assertThat(shorter.mismatch(N1, N2, read))
        .hasValueSatisfying(
            refusal ->
                assertThat(refusal.text())
                    .contains("raft_election_timeout is PT0.5S against PT1S"));
  }

  @Test
  void nodeThatHasNotHeardOfALaterListIsLetIn() {
    assertThat(settings(3, "n1", "n2").mismatch(N1, N2, settings(0, "n1", "n3"))).isEmpty();
    assertThat(settings(0, "n1", "n3").mismatch(N2, N1, settings(3, "n1", "n2"))).isEmpty();
  }
}
