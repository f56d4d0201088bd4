package io.ringrift.chaos.ground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class CommandsTest {
  private static List<String> shell(String script) {
    return List.of("/bin/sh", "-c", script);
  }

  @Test
  void aProgramThatHangsIsGivenUp() {
    assertThatThrownBy(() -> Commands.run("", shell("exec sleep 60"), 1))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("sleep 60 had not ended after 1 s");
  }

  @Test
  void whatAProgramReadsAndSaysArrives() {
    assertThat(Commands.run("in\n", shell("read word; echo out >&2; echo $word"), 10))
        .isEqualTo("out\nin\n");
    assertThatThrownBy(() -> Commands.run("", shell("echo no room; exit 3"), 10))
        .hasMessageContaining("failed: no room");
  }
}
