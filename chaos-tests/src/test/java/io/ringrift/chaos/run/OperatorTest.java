package io.ringrift.chaos.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.Endpoint;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class OperatorTest {
  @TempDir private Path folder;

  @Test
  void aChangeThatBreaksIsToldAtOnceWithItsCause() throws Exception {
    var operator =
        new Operator(
            new QuietGround(folder) {
              @Override
              public Endpoint address(String node) {
                throw new IllegalStateException("no address of " + node);
              }
            },
            (_, _, _) -> {});
    operator.beginSwitch(1, "raft", List.of("n1"));
    Operator.Change change = operator.end(1);
    assertThat(change.happened()).isFalse();
    assertThat(change.told()).contains("no address of n1");
  }
}
