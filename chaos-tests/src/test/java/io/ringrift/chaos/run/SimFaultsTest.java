package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.chaos.scenario.FaultKind;
import io.ringrift.chaos.scenario.FaultSpec;
import io.ringrift.chaos.sim.Fault;
import io.ringrift.chaos.sim.Sim;
import io.ringrift.chaos.sim.SimConfig;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.bully.BullyCell;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SimFaultsTest {
  private static final long FROM = 1_000_000_000;
  private static final long UNTIL = 3_000_000_000L;

  private static List<Fault> of(
      FaultKind kind, List<String> targets, List<String> to, Map<String, String> options) {
    return SimFaults.of(
        List.of(
            new FaultSpec(
                kind, Duration.ofSeconds(1), Duration.ofSeconds(2), targets, to, options)),
        3,
        1);
  }

  @Test
  void delayAndJitterAreThoseOfTheScenario() {
    assertThat(
            of(
                FaultKind.DELAY,
                List.of("all"),
                List.of("all"),
                Map.of("delay", "80ms", "jitter", "20ms")))
        .containsExactly(new Fault.Link(FROM, UNTIL, 7, 7, 0, 0, 80_000_000, 20_000_000, 0));
  }

  @Test
  void faultsOfLinksStrikeTheLinksThatAreNamedAndNoOther() {
    assertThat(of(FaultKind.LOSS, List.of("n1"), List.of("n3"), Map.of("percent", "30")))
        .containsExactly(
            new Fault.Link(FROM, UNTIL, 1, 4, 300, 0, 0, 0, 0),
            new Fault.Link(FROM, UNTIL, 4, 1, 300, 0, 0, 0, 0));
    assertThat(of(FaultKind.DUPLICATE, List.of("n2"), List.of("others"), Map.of("percent", "5")))
        .containsExactly(
            new Fault.Link(FROM, UNTIL, 2, 5, 0, 50, 0, 0, 0),
            new Fault.Link(FROM, UNTIL, 5, 2, 0, 50, 0, 0, 0));
  }

  @Test
  void thatPartOfTheMessagesIsHeldAndTheRestOvertakesIt() {
    assertThat(
            of(
                FaultKind.REORDER,
                List.of("all"),
                List.of("all"),
                Map.of("percent", "30", "delay", "50ms")))
        .containsExactly(new Fault.Link(FROM, UNTIL, 7, 7, 0, 0, 0, 50_000_000, 700));
  }

  @Test
  void aClockGoesRightAgainWhenTheFaultEnds() {
    assertThat(of(FaultKind.CLOCK, List.of("n2"), List.of(), Map.of("rate", "20")))
        .containsExactly(new Fault.ClockRate(FROM, 1, 20_000), new Fault.ClockRate(UNTIL, 1, 0));
  }

  private static long acknowledged(Fault... faults) {
    var config =
        SimConfig.of(1, 3, Duration.ofSeconds(20), Timing.local(), BullyCell.protocol())
            .under(List.of(faults));
    return Sim.run(config).tally().acknowledged();
  }

  @Test
  void aDelayBeyondEveryTimeoutLeavesNoLeaderAndOneOnAnotherLinkDoes() {
    long end = Duration.ofSeconds(20).toNanos();
    long calm = acknowledged();
    assertThat(calm).isPositive();
    assertThat(acknowledged(new Fault.Link(0, end, 7, 7, 0, 0, end, 0, 0))).isLessThan(calm / 10);
    assertThat(acknowledged(new Fault.Link(0, end, 1, 2, 0, 0, end, 0, 0)))
        .isGreaterThan(calm / 10);
    assertThat(acknowledged(new Fault.Link(0, end, 7, 7, 1000, 0, 0, 0, 0))).isLessThan(calm / 10);
    assertThat(acknowledged(new Fault.Link(0, end, 7, 7, 0, 0, end, 0, 1000)))
        .as("all are spared")
        .isGreaterThan(calm / 2);
  }
}
