package io.ringrift.kernel.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Which differences keep two nodes apart.
class ClusterSettingsTest {
  private static final NodeId N1 = new NodeId("n1");
  private static final NodeId N2 = new NodeId("n2");

  private static ClusterSettings settings(long votersVersion, String... voters) {
    List<NodeId> ids = Stream.of(voters).map(NodeId::new).toList();
    return new ClusterSettings(
        "lab",
        "http",
        "bully",
        1,
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        ids,
        votersVersion);
  }

  @Test
  void configuredVotersHaveToBeEqual() {
    assertThat(settings(0, "n1", "n2").mismatch(N1, N2, settings(0, "n1", "n3")))
        .hasValueSatisfying(
            refusal -> assertThat(refusal.text()).contains("voters is [n1, n2] against [n1, n3]"));
  }

  @Test
  void nodeThatHasNotHeardOfALaterListIsLetIn() {
    assertThat(settings(3, "n1", "n2").mismatch(N1, N2, settings(0, "n1", "n3"))).isEmpty();
    assertThat(settings(0, "n1", "n3").mismatch(N2, N1, settings(3, "n1", "n2"))).isEmpty();
  }
}
