package io.ringrift.kernel.consensus.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.apache.ratis.util.LifeCycle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What Ratis asks of the state machine around an installed snapshot.
final class CommandMachineTest {
  private final CommandMachine machine =
      new CommandMachine(
          "n1",
          new HeldMachine(),
          1000,
          new DivisionEvents() {
            @Override
            public void applied(Applied now) {}

            @Override
            public void appending(long callId) {}

            @Override
            public void changed() {}
          },
          () -> {},
          _ -> {});

  @BeforeEach
  void run() {
    machine.getLifeCycle().transition(LifeCycle.State.STARTING);
    machine.getLifeCycle().transition(LifeCycle.State.RUNNING);
  }

  @AfterEach
  void end() {
    machine.close();
  }

  /// Ratis pauses it, and leaves it so when the file cannot be put in its place.
  @Test
  void aMachineThatStayedPausedIsPausedForTheNextSnapshotToo() {
    machine.pause();
    assertThatCode(machine::pause).doesNotThrowAnyException();
    assertThat(machine.getLifeCycleState()).isEqualTo(LifeCycle.State.PAUSED);
  }
}
