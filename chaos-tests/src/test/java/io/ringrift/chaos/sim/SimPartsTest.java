package io.ringrift.chaos.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.consensus.bully.BullyCell;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class SimPartsTest {
  @Test
  void eventsComeByTimeAndThenInTheOrderTheyWereAdded() {
    var queue = new EventQueue();
    var random = new SplittableRandom(1);
    var taken = new ArrayList<long[]>();
    for (int i = 0; i < 5_000; i++) {
      long at = random.nextInt(100);
      long[] event = {at, i};
      queue.add(at, () -> taken.add(event));
    }
    while (queue.nextTime() != Long.MAX_VALUE) {
      queue.take().run();
    }
    assertThat(taken)
        .hasSize(5_000)
        .isSortedAccordingTo(
            (a, b) -> a[0] != b[0] ? Long.compare(a[0], b[0]) : Long.compare(a[1], b[1]));
  }

  @Test
  void aClockNeverFallsWhenItsRateChanges() {
    var clock = new SimClock(0, 1_000, 5_000);
    assertThat(clock.at(1_000_000_000).nanos()).isEqualTo(1_000 + 1_005_000_000);
    clock.rate(1_000_000_000, -5_000);
    assertThat(clock.at(1_000_000_000).nanos()).isEqualTo(1_000 + 1_005_000_000);
    assertThat(clock.at(2_000_000_000).nanos()).isEqualTo(1_000 + 2_000_000_000L);
  }

  @Test
  void aTruncationIsLostInACrashUntilSomethingIsStoredBehindIt() {
    var disk = new SimDisk();
    disk.append(entry(1, 1));
    disk.append(entry(1, 2));
    disk.truncate(2);
    disk.crash();
    assertThat(disk.log()).hasSize(2);
    disk.truncate(2);
    disk.append(entry(2, 2));
    disk.crash();
    assertThat(disk.log()).containsExactly(entry(1, 1), entry(2, 2));
  }

  @Test
  void aSnapshotRestoresAnEqualState() {
    var machine = new SimMachine();
    for (int i = 1; i <= 100; i++) {
      machine.apply(entry(1, i));
    }
    var copy = new SimMachine();
    copy.restore(machine.snapshot());
    copy.apply(entry(2, 101));
    machine.apply(entry(2, 101));
    assertThat(copy.stateHash()).isEqualTo(machine.stateHash());
    assertThat(copy.numbers()).isEqualTo(machine.numbers());
    assertThat(copy.applied()).isEqualTo(machine.applied());
  }

  @Test
  void aRunWithoutFaultsHasOneEpochAndAcknowledgesEveryCommand() {
    var calm =
        new SimConfig(
            1,
            5,
            Duration.ofMinutes(5),
            Timing.lan(),
            BullyCell.protocol(),
            Optional.empty(),
            Optional.of(List.of()));
    var outcome = Sim.run(calm);
    assertThat(outcome.violation()).isEmpty();
    assertThat(outcome.epochs()).isLessThanOrEqualTo(2);
    assertThat(outcome.tally().unknown()).isZero();
    assertThat(outcome.tally().acknowledged()).isGreaterThan(200);
  }

  @Test
  void everyKindOfFaultIsDrawn() {
    var config = SimConfig.of(1, 5, Duration.ofHours(4), Timing.lan(), BullyCell.protocol());
    assertThat(Sim.schedule(config))
        .hasAtLeastOneElementOfType(Fault.Crash.class)
        .hasAtLeastOneElementOfType(Fault.Pause.class)
        .hasAtLeastOneElementOfType(Fault.Cut.class)
        .hasAtLeastOneElementOfType(Fault.Isolate.class)
        .hasAtLeastOneElementOfType(Fault.Weather.class)
        .hasAtLeastOneElementOfType(Fault.ClockRate.class)
        .hasAtLeastOneElementOfType(Fault.StepDown.class)
        .hasAtLeastOneElementOfType(Fault.Transfer.class)
        .hasAtLeastOneElementOfType(Fault.Unfit.class)
        .isSortedAccordingTo((a, b) -> Long.compare(a.from(), b.from()));
  }

  @Test
  void clocksStayWithinTheConfiguredBoundOfEachOther() {
    var config = SimConfig.of(3, 5, Duration.ofHours(8), Timing.lan(), BullyCell.protocol());
    int half = Timing.lan().maxDriftPerMille() * 500;
    assertThat(Sim.schedule(config))
        .filteredOn(Fault.ClockRate.class::isInstance)
        .allSatisfy(
            fault ->
                assertThat(((Fault.ClockRate) fault).partsPerMillion()).isBetween(-half, half));
  }

  private static LogEntry entry(long epoch, long index) {
    return new LogEntry(
        new LogPosition(new Epoch(epoch), index), LogEntry.Kind.COMMAND, SimMachine.command(index));
  }
}
