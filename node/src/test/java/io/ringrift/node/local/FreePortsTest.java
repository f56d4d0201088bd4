package io.ringrift.node.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.node.local.FreePorts.Stretch;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Processes side by side do not choose each other's ports.
class FreePortsTest {
  @Test
  void stretchesFollowEachOtherAndStayBelowThePortsOfOutgoingConnections() {
    List<Stretch> all = IntStream.rangeClosed(1, 6).mapToObj(Stretch::of).toList();
    assertThat(all.getFirst().lowest()).isEqualTo(Stretch.of(0).lowest());
    for (int i = 1; i < all.size(); i++) {
      assertThat(all.get(i).lowest()).isEqualTo(all.get(i - 1).end());
    }
    assertThat(all.getLast().end()).isEqualTo(Stretch.of(0).end()).isEqualTo(32_768);
    assertThat(Stretch.of(7)).isEqualTo(all.getFirst());
  }

  /// The build gives each fork of a test run its stretch.
  @Test
  void everyChoiceIsFromTheStretchOfThisProcess() {
    int number = Integer.getInteger("ringrift.ports.stretch", 0);
    if (System.getProperty("surefire.test.class.path") != null) {
      assertThat(number).isPositive();
    }
    var own = Stretch.of(number);
    assertThat(FreePorts.choose(50)).allMatch(port -> port >= own.lowest() && port < own.end());
  }
}
