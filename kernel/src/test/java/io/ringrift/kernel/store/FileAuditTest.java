package io.ringrift.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileAuditTest {
  @TempDir Path folder;

  private FileAudit open(long maxBytes) {
    return new FileAudit(
        folder.resolve("audit.jsonl"),
        new NodeId("n1"),
        new BootId(255),
        () -> new Moment(42),
        Set.of("elected"),
        maxBytes);
  }

  @Test
  void aRecordIsOneJsonLine() throws IOException {
    try (var audit = open(1 << 20)) {
      audit.record("elected", new Epoch(3), Map.of("cause", "a \"quote\"\n"));
      assertThat(Files.readString(folder.resolve("audit.jsonl")))
          .isEqualTo(
              "{\"node\":\"n1\",\"boot\":\"00000000000000ff\",\"seq\":1,\"mono_ns\":42,"
                  + "\"kind\":\"elected\",\"epoch\":3,"
                  + "\"details\":{\"cause\":\"a \\\"quote\\\"\\u000a\"}}\n");
    }
  }

  @Test
  void aRestartAppends() throws IOException {
    for (int i = 0; i < 2; i++) {
      try (var audit = open(1 << 20)) {
        audit.record("boot", Epoch.ZERO, Map.of());
      }
    }
    assertThat(Files.readAllLines(folder.resolve("audit.jsonl"))).hasSize(2);
  }

  /// As those have that end with their node.
  @Test
  void aThreadThatIsInterruptedRecordsAndKeepsNobodyElseFromIt() throws IOException {
    try (var audit = open(1 << 20)) {
      Thread.currentThread().interrupt();
      audit.record("elected", Epoch.ZERO, Map.of());
      assertThat(Thread.interrupted()).isTrue();
      audit.record("boot", Epoch.ZERO, Map.of());
      assertThat(audit.lost()).isZero();
    }
    assertThat(Files.readAllLines(folder.resolve("audit.jsonl"))).hasSize(2);
  }

  @Test
  void filesRotateAndOnlyFourOlderAreKept() throws IOException {
    try (var audit = open(1)) {
      for (int i = 1; i <= 9; i++) {
        audit.record("renewed", new Epoch(i), Map.of());
      }
      assertThat(audit.lost()).isZero();
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "audit.jsonl", "audit.jsonl.1", "audit.jsonl.2", "audit.jsonl.3", "audit.jsonl.4");
    }
    assertThat(Files.readString(folder.resolve("audit.jsonl.4"))).contains("\"epoch\":5");
  }
}
