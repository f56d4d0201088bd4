package io.ringrift.kernel.consensus.raft;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Refusal;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file of the log as Ratis writes it, which begins far behind the first entry of the log.
final class LogInspectionTest {
  private static final long START = 3L << 20;
  private static final int HEADER = 8;

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("log_inprogress_" + START);
    var bytes = new ByteArrayOutputStream();
    bytes.write("RaftLog1".getBytes(US_ASCII));
    for (int i = 0; i < 3; i++) {
      bytes.write(entry(START + i));
    }
    Files.write(file, bytes.toByteArray());
  }

  private static byte[] entry(long index) throws IOException {
    var bytes = new ByteArrayOutputStream();
    LogEntryProto.newBuilder()
        .setTerm(7)
        .setIndex(index)
        .setStateMachineLogEntry(
            StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFrom(new byte[200])))
        .build()
        .writeDelimitedTo(bytes);
    var digest = new CRC32C();
    digest.update(bytes.toByteArray());
    new DataOutputStream(bytes).writeInt((int) digest.getValue());
    return bytes.toByteArray();
  }

  @Test
  void aWholeFileIsTaken() {
    assertThatCode(() -> LogInspection.inspect(folder, folder)).doesNotThrowAnyException();
  }

  @Test
  void aDamagedFirstLengthIsNoEndOfTheLog() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[HEADER + 1] = 0x7F; // the length, two bytes before, leads behind the end of the file
    Files.write(file, bytes);
    assertThatThrownBy(() -> LogInspection.inspect(folder, folder))
        .isInstanceOf(Refusal.class)
        .hasMessageContainingAll(file.getFileName().toString(), "goes on there");
  }
}
