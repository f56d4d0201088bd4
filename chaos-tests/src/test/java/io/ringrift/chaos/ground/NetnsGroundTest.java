package io.ringrift.chaos.ground;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.link.Link;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What nft tells, without namespaces.
final class NetnsGroundTest {
  private static final String TOLD =
      """
      table bridge faults {
      	counter lost_n1_n2 {
      		packets 7 bytes 420
      	}
      	counter lost_n2_n1 {
      		packets 30 bytes 1800
      	}
      	counter lost_n1_n20 {
      		packets 500 bytes 1
      	}
      }
      """;

  @Test
  void packetsAreCountedOnTheLinksThatAreAskedForAlone() {
    var there = new Link("n1", "n2");
    assertThat(NetnsGround.struck(TOLD, List.of(there))).isEqualTo(7);
    assertThat(NetnsGround.struck(TOLD, List.of(there, there.back()))).isEqualTo(37);
    assertThat(NetnsGround.struck(TOLD, List.of(new Link("n3", "n1")))).isZero();
  }
}
