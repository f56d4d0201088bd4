package io.ringrift.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TimingTest {
  static Stream<Timing> presets() {
    return Stream.of(Timing.wan(), Timing.lan(), Timing.local());
  }

  @ParameterizedTest
  @MethodSource("presets")
  void presetKeepsItsOwnRelations(Timing preset) {
    assertThat(preset.faults()).isEmpty();
  }

  @Test
  void brokenRelationNamesBothValues() {
    var wan = Timing.wan();
    var tooShort =
        new Timing(
            wan.lease(),
            wan.renew(),
            Duration.ofSeconds(16),
            wan.requestTimeout(),
            wan.electionTimeout(),
            wan.suspectAfter(),
            wan.deadAfter(),
            wan.retireAfter(),
            wan.purgeAfter(),
            wan.gossip(),
            wan.maxDriftPerMille());
    assertThat(tooShort.faults())
        .containsExactly("2 x heartbeat_interval (16s) must be at most suspect_after (30s)");
  }
}
