package io.ringrift.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class SimMainTest {
  private record Ended(int code, String out, String err) {}

  @Test
  void runPrintsWhatItCovered() {
    var ended = sim("run", "--seeds", "2", "--nodes", "3", "--virtual", "2m");
    assertThat(ended.code()).isZero();
    assertThat(ended.out()).contains("seeds", "virtual_hours", "events", "violations");
  }

  @Test
  void runPrintsOneObjectForScripts() throws Exception {
    var ended = sim("run", "--seeds", "2", "--nodes", "3", "--virtual", "2m", "-o", "json");
    var json = new ObjectMapper().readTree(ended.out());
    assertThat(json.get("seeds").asInt()).isEqualTo(2);
    assertThat(json.get("violations").asInt()).isZero();
    assertThat(json.get("broken")).isEmpty();
  }

  @Test
  void replayEndsWithTheVerdict() {
    var ended =
        sim("replay", "--seed", "5", "--nodes", "3", "--virtual", "1m", "--trace-lines", "10");
    assertThat(ended.code()).isZero();
    assertThat(ended.out()).contains("all invariants held", "fingerprint");
  }

  @Test
  void aSpanThatIsNoneIsRefusedWithTheRule() {
    var ended = sim("run", "--virtual", "soon");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("soon", "must be a span");
  }

  @Test
  void aPresetThatIsNoneIsRefusedWithTheChoices() {
    var ended = sim("run", "--timing", "moon");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("moon", "LOCAL, LAN, WAN");
  }

  @Test
  void tooManyNodesAreRefusedWithTheRule() {
    var ended = sim("run", "--nodes", "26");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("26", "1 to 25");
  }

  private static Ended sim(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code =
        SimMain.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Ended(code, out.toString(), err.toString());
  }
}
