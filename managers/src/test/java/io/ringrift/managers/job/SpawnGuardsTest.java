package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.managers.job.SpawnGuards.Shortage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// SPEC 5.4, guards of the worker.
final class SpawnGuardsTest {
  private Machine.Load load = new Machine.Load(10, 20, 0.5, true);
  private ProcessConfig.Guards limits = ProcessConfig.Guards.spec();
  private Moment now = new Moment(0);

  private final SpawnGuards guards = new SpawnGuards(this::config, () -> load, () -> now);

  private ProcessConfig config() {
    var usual = ProcessConfig.defaults(Path.of("state"), Path.of("data"), List.of(), 4);
    return new ProcessConfig(
        usual.stateDir(),
        usual.dataDir(),
        usual.templates(),
        usual.capabilities(),
        usual.allowExec(),
        usual.maxJobs(),
        limits,
        usual.stopGrace(),
        usual.defaultTimeout(),
        usual.logCapBytes(),
        usual.keepRuns(),
        usual.keepRunsFor(),
        usual.claimWait(),
        usual.orphanInterval());
  }

  private String shortOf() {
    return guards.shortage().map(Shortage::what).orElse("");
  }

  @Test
  void fromNineTenthsOfTheDiskOnNothingBegins() {
    load = new Machine.Load(89.9, 20, 0.5, true);
    assertThat(shortOf()).isEmpty();
    load = new Machine.Load(90, 20, 0.5, true);
    assertThat(shortOf()).isEqualTo("disk");
  }

  @Test
  void fromFourFifthsOfTheMemoryOnNothingBegins() {
    load = new Machine.Load(10, 79.9, 0.5, true);
    assertThat(shortOf()).isEmpty();
    load = new Machine.Load(10, 80, 0.5, true);
    assertThat(shortOf()).isEqualTo("memory");
  }

  @Test
  void fromALoadOfTwoPerProcessorOnNothingBegins() {
    load = new Machine.Load(10, 20, 1.9, true);
    assertThat(shortOf()).isEmpty();
    load = new Machine.Load(10, 20, 2, true);
    assertThat(shortOf()).isEqualTo("load");
  }

  @Test
  void whereTheDataRootCannotBeWrittenToNothingBegins() {
    load = new Machine.Load(10, 20, 0.5, false);
    assertThat(shortOf()).isEqualTo("read_only");
  }

  @Test
  void onAMachineThatIsSharedTheLoadSaysNothingOfTheNode() {
    limits = ProcessConfig.Guards.shared();
    load = new Machine.Load(94, 96, 60, true);
    assertThat(shortOf()).isEmpty();
    load = new Machine.Load(94, 97, 60, true);
    assertThat(shortOf()).isEqualTo("memory");
  }

  @Test
  void soManyMayBeginWithinAMinute() {
    limits = new ProcessConfig.Guards(2, 90, 80, 2);
    guards.admit();
    now = now.plus(Duration.ofSeconds(30));
    guards.admit();
    assertThat(shortOf()).isEqualTo("spawn_rate");
    assertThatThrownBy(guards::admit)
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Reason.NO_CAPACITY);
              assertThat(refusal.details()).containsEntry("short_of", "spawn_rate");
            });
    now = now.plus(Duration.ofSeconds(31));
    assertThat(guards.startsLeft()).isEqualTo(1);
    guards.admit();
  }

  @Test
  void aStartOnAMachineWithoutRoomIsRefusedAndNotCounted() {
    load = new Machine.Load(95, 20, 0.5, true);
    assertThatThrownBy(guards::admit).hasMessageContaining("95 % full");
    assertThat(guards.startsLeft()).isEqualTo(limits.spawnsPerMinute());
  }
}
