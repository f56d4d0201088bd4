package io.ringrift.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.ringrift.chaos.run.SimFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SimMainTest {
  @TempDir private Path folder;

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
  void aLongRunSaysHowFarItIs() {
    var ended = sim("run", "--seeds", "200", "--nodes", "3", "--virtual", "1s", "-o", "json");
    assertThat(ended.code()).isZero();
    assertThat(ended.err().lines()).hasSize(10).contains("20 of 200 seeds", "200 of 200 seeds");
  }

  @Test
  void replayEndsWithTheVerdict() {
    var ended =
        sim("replay", "--seed", "5", "--nodes", "3", "--virtual", "1m", "--trace-lines", "10");
    assertThat(ended.code()).isZero();
    assertThat(ended.out()).contains("all invariants held", "fingerprint");
  }

  @Test
  void replayRunsASavedSimulation() throws Exception {
    // A leader at half the rate that is cut off leads on beside the next.
    Path file =
        Files.writeString(
            folder.resolve("half.sim"),
            """
            {"format": 1, "seed": 1, "nodes": 3, "timing": "local", "virtualNanos": 30000000000,
             "invariant": "", "faults": [
              {"kind": "clock_rate", "from": 10000000000, "node": -1, "partsPerMillion": -500000},
              {"kind": "isolate", "from": 11000000000, "until": 20000000000, "node": -1,
               "deaf": true, "mute": true}]}
            """);
    var ended = sim("replay", file.toString(), "--trace-lines", "10");
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).contains("Isolate[from=11000000000").contains("OneLeaseHolder");
  }

  /// Of these faults the slow clock and the isolation are needed, and of the five voters not all.
  private Path noisy() throws Exception {
    return Files.writeString(
        folder.resolve("noisy.sim"),
        """
        {"format": 1, "seed": 1, "nodes": 5, "timing": "local", "virtualNanos": 40000000000,
         "invariant": "", "faults": [
          {"kind": "crash", "from": 2000000000, "node": 3, "afterEffects": 2, "downFor": 500000000},
          {"kind": "link", "from": 5000000000, "until": 6000000000, "senders": 3, "receivers": 24,
           "loss": 300, "duplicate": 100, "delay": 5000000, "jitter": 5000000},
          {"kind": "clock_rate", "from": 10000000000, "node": -1, "partsPerMillion": -500000},
          {"kind": "isolate", "from": 11000000000, "until": 20000000000, "node": -1,
           "deaf": true, "mute": true},
          {"kind": "step_down", "from": 25000000000, "node": 2},
          {"kind": "pause", "from": 27000000000, "until": 28000000000, "node": 1,
           "afterEffects": 0}]}
        """);
  }

  @Test
  void aFailingSeedIsShrunkAndSavedAndTheFileBreaksTheSame() throws Exception {
    Path saved = folder.resolve("saved");
    var ended =
        sim("run", "--faults", noisy().toString(), "--seeds", "1", "--save", saved.toString());
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).contains("OneLeaseHolder").contains("shrunk: ");
    Path file = saved.resolve("sim-1.sim");
    assertThat(ended.out()).contains("bin/ringrift sim replay " + file);
    SimFile small = SimFile.read(file);
    assertThat(small.faults()).hasSizeLessThanOrEqualTo(2);
    assertThat(small.nodes()).isLessThan(5);
    assertThat(small.virtualNanos()).isLessThan(20_000_000_000L);
    var again = sim("replay", file.toString(), "--trace-lines", "3");
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.out()).contains(small.invariant());
  }

  @Test
  void whatCannotBeSavedIsToldWithTheVerdict() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    var ended =
        sim("run", "--faults", noisy().toString(), "--seeds", "1", "--save", file.toString());
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out())
        .contains("OneLeaseHolder")
        .contains("not saved: " + file)
        .doesNotContain("shrunk: ");
  }

  @Test
  void aFileOfFaultsThatIsNoneIsRefused() {
    var ended = sim("run", "--faults", folder.resolve("no.sim").toString());
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("no.sim is no simulation that \"sim run\"");
  }

  @Test
  void replayWantsASeedOrAFile() {
    assertThat(sim("replay").err()).contains("give either --seed or a FILE");
    assertThat(sim("replay", "--seed", "1", "x.sim").code()).isEqualTo(2);
    var missing = sim("replay", "no-such.sim");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.out()).contains("no-such.sim is no simulation");
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
