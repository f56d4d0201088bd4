package io.ringrift.chaos.ground;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MountsTest {
  @Test
  void aMountIsFoundWhereItsPathHasASpace() {
    var table =
        List.of(
            "tmpfs /tmp tmpfs rw 0 0",
            "tmpfs /tmp/my\\040files/run/n1/state tmpfs rw 0 0",
            "tmpfs /tmp/my\\040files/running tmpfs rw 0 0");
    assertThat(Mounts.below(Path.of("/tmp/my files/run"), table))
        .containsExactly("/tmp/my files/run/n1/state");
  }
}
