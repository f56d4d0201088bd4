package io.ringrift.kernel.consensus.bully;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Timing;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// SPEC 3.4: a strict majority, however many voters there are.
class QuorumTest {
  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "3,2", "4,3", "5,3", "6,4", "7,4", "8,5", "9,5"})
  void aQuorumIsAStrictMajorityOfTheConfiguredVoters(int voters, int quorum) {
    var configured = new TreeMap<NodeId, Integer>();
    for (int i = 1; i <= voters; i++) {
      configured.put(new NodeId("n" + i), 0);
    }
    var config = BullyConfig.of(new NodeId("n1"), configured, Timing.local());
    assertThat(config.quorum()).isEqualTo(quorum);
  }
}
