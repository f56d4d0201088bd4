package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class RunQueueTest {
  private static final Offset<Double> NEAR = within(0.01);

  private static List<String> stat(int processors, int running) {
    var lines = new ArrayList<>(List.of("cpu  10 2 3 4"));
    for (int i = 0; i < processors; i++) {
      lines.add("cpu" + i + " 1 2 3 4");
    }
    lines.add("ctxt 100");
    lines.add("procs_running " + running);
    lines.add("procs_blocked 7");
    return lines;
  }

  private static double after(int beats, List<String> lines, RunQueue queue) {
    double each = 0;
    for (int i = 0; i < beats; i++) {
      each = queue.add(lines, 0.1);
    }
    return each;
  }

  @Test
  void threadsAreSetAgainstTheProcessorsOfTheWholeMachine() {
    assertThat(after(1000, stat(64, 128), new RunQueue())).isCloseTo(2, NEAR);
    assertThat(after(1000, stat(2, 24), new RunQueue())).isCloseTo(12, NEAR);
  }

  @Test
  void aMomentIsNoLoadAndTenSecondsAre() {
    var queue = new RunQueue();
    assertThat(after(2, stat(2, 40), queue)).isLessThan(1);
    assertThat(after(100, stat(2, 40), queue)).isGreaterThan(10);
    assertThat(after(200, stat(2, 2), queue)).as("twenty seconds behind it").isLessThan(5);
  }

  @Test
  void whatDoesNotTellChangesNothing() {
    var queue = new RunQueue();
    double before = after(100, stat(2, 8), queue);
    assertThat(queue.add(List.of(), 0.1)).isEqualTo(before);
    assertThat(queue.add(List.of("procs_running 99999999999999999999"), 0.1)).isEqualTo(before);
  }
}
