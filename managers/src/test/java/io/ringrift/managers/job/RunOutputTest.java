package io.ringrift.managers.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.managers.JsonFields;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RunOutputTest {
  @TempDir Path folder;

  private String output(String stdout) throws Exception {
    Files.write(folder.resolve("stdout"), stdout.getBytes(StandardCharsets.UTF_8));
    return RunOutput.of(new LogFile(folder, "stdout"));
  }

  @Test
  void lastLineIsTakenAsItWasPrinted() throws Exception {
    assertThat(output("{\"epoch\":1}\n{ \"a\" : [1, \"é\"] }\n"))
        .isEqualTo("{ \"a\" : [1, \"é\"] }");
    assertThat(output("{\"a\":1}")).as("without its end").isEqualTo("{\"a\":1}");
    assertThat(output("x\n{\"a\":1}\r\n")).isEqualTo("{\"a\":1}");
  }

  @Test
  void anotherLastLineIsNoOutput() throws Exception {
    assertThat(output("")).isEmpty();
    assertThat(output("{\"a\":1}\n\n")).isEmpty();
    assertThat(output("{\"a\":1}\ndone\n")).isEmpty();
    Files.write(folder.resolve("stdout"), new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
    assertThat(RunOutput.of(new LogFile(folder, "stdout"))).as("no text").isEmpty();
  }

  @Test
  void lineIsTakenUpToEightKiB() throws Exception {
    String most = "{\"a\":\"" + "x".repeat(RunOutput.MOST_BYTES - 8) + "\"}";
    assertThat(most).hasSize(RunOutput.MOST_BYTES);
    for (String before : new String[] {"", "before\n"}) {
      assertThat(output(before + most + "\n")).isEqualTo(most);
      assertThat(output(before + most)).isEqualTo(most);
      assertThat(output(before + " " + most + "\n")).isEmpty();
      assertThat(output(before + " " + most)).isEmpty();
    }
  }

  @Test
  void lineIsWholeThoughTheLogWasCutInIt() throws Exception {
    Files.writeString(folder.resolve("stdout"), "long ago\n{\"a\":");
    new LogFile(folder, "stdout").trim(5);
    Files.writeString(folder.resolve("stdout"), "1}\n");
    assertThat(RunOutput.of(new LogFile(folder, "stdout"))).isEqualTo("{\"a\":1}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        " { } ",
        "{\"a\":-0.5e+10,\"b\":[],\"c\":{\"d\":[true,false,null,\"\\u00e9\\n\\\"\"]}}"
      })
  void objectsAreObjects(String text) {
    assertThat(JsonFields.matches(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "[]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":1} x",
        "{\"a\":1}{}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"b\n\"}",
        "{\"a\":[1}",
        "{\"a\":tru}",
        "{\"a\":\"b}"
      })
  void othersAreNot(String text) {
    assertThat(JsonFields.matches(text)).isFalse();
  }

  @Test
  void depthIsBounded() {
    assertThat(JsonFields.matches("{\"a\":" + "[".repeat(20) + "]".repeat(20) + "}")).isTrue();
    assertThat(JsonFields.matches("{\"a\":" + "[".repeat(4000) + "]".repeat(4000) + "}")).isFalse();
  }
}
