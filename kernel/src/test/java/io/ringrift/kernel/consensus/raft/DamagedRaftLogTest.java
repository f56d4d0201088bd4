package io.ringrift.kernel.consensus.raft;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ConsensusBed.Member;
import io.ringrift.kernel.consensus.MemoryStateMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One of three voters whose raft log is damaged while it is down (RATIS-1879).
@Timeout(120)
final class DamagedRaftLogTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int HEADER = 8;
  private static final int VICTIM = 1;
  private static final int ENTRIES = 60;

  /// Longer than one byte of a length tells.
  private static final String LONG = "x".repeat(200);

  @TempDir private Path root;

  private RaftTrio trio;
  private List<Member> members = List.of();

  private static RaftProperties oneFile(RaftProperties properties) {
    return properties;
  }

  private static RaftProperties manyFiles(RaftProperties properties) {
    RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(4 << 10));
    return properties;
  }

  @BeforeEach
  void begin() {
    trio = new RaftTrio(root, 1_000);
  }

  /// All have the same log, and the victim is down.
  private void write(UnaryOperator<RaftProperties> tuning) {
    trio.tuned(tuning);
    members = IntStream.rangeClosed(1, 3).mapToObj(trio::start).toList();
    IntStream.range(0, ENTRIES).forEach(i -> propose(LONG + i));
    await()
        .atMost(PATIENCE)
        .until(() -> victim().machine().commands.contains(LONG + (ENTRIES - 1)));
    trio.stop(VICTIM);
  }

  @AfterEach
  void end() {
    trio.close();
  }

  private Member victim() {
    return members.get(VICTIM - 1);
  }

  private void propose(String command) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .ignoreExceptions()
        .until(
            () -> {
              var leader =
                  members.stream()
                      .map(Member::consensus)
                      .filter(c -> c.leadsNow(c.leadership().epoch()))
                      .findFirst()
                      .orElseThrow();
              var bytes = command.getBytes(UTF_8);
              var epoch = leader.leadership().epoch();
              return leader.ledger().propose(epoch, bytes).get(3, TimeUnit.SECONDS);
            },
            applied -> applied != null);
  }

  private Path raft() {
    return root.resolve("n" + VICTIM).resolve("raft");
  }

  private List<Path> files(String name) throws IOException {
    try (var files = Files.walk(raft())) {
      return files.filter(f -> f.getFileName().toString().matches(name)).sorted().toList();
    }
  }

  private Path openFile() throws IOException {
    return files("log_inprogress_\\d+").getFirst();
  }

  private Path closedFile() throws IOException {
    return files("log_\\d+-\\d+").getFirst();
  }

  private static byte[] damage(Path file, UnaryOperator<byte[]> how) throws IOException {
    byte[] damaged = how.apply(Files.readAllBytes(file));
    Files.write(file, damaged);
    return damaged;
  }

  /// Ratis writes zeros ahead.
  private static int used(byte[] bytes) {
    int used = bytes.length;
    while (used > 0 && bytes[used - 1] == 0) {
      used--;
    }
    return used;
  }

  private static byte[] inTheMiddle(byte[] bytes) {
    bytes[used(bytes) / 2] ^= 1;
    return bytes;
  }

  /// The first length, two bytes before, takes three and leads behind the end of the file.
  private static byte[] inALength(byte[] bytes) {
    bytes[HEADER + 1] |= (byte) 0x80;
    bytes[HEADER + 2] = 0x7F;
    return bytes;
  }

  private void refusesWhileTheOthersGoOn(Path file, byte[] damaged) throws IOException {
    assertThatThrownBy(() -> trio.start(VICTIM))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.reason()).isEqualTo(Reason.STORAGE_CORRUPT))
        .hasMessageContainingAll(raft().toString(), file.getFileName().toString(), "aside");
    assertThat(Files.readAllBytes(file)).as("nothing is cut off").isEqualTo(damaged);
    propose("after");
  }

  @Test
  void aFileThatIsClosedIsNamedAndTheVoterComesBackWithoutIt() throws Exception {
    write(DamagedRaftLogTest::manyFiles);
    Path file = closedFile();
    refusesWhileTheOthersGoOn(file, damage(file, DamagedRaftLogTest::inTheMiddle));
    // What the operator is told to do; the cluster state stays.
    Files.move(raft(), root.resolve("aside"));
    MemoryStateMachine kept = victim().machine();
    var again = trio.start(VICTIM, kept);
    await().atMost(PATIENCE).until(() -> kept.commands.contains("after"));
    await().atMost(PATIENCE).until(() -> again.consensus().leadership().leader().isPresent());
    assertThat(kept.commands).isEqualTo(members.getLast().machine().commands);
    await().atMost(PATIENCE).until(() -> !Files.exists(raft().resolve("unproven")));
  }

  @Test
  void theFileThatIsWrittenToIsNamed() throws Exception {
    write(DamagedRaftLogTest::oneFile);
    Path file = openFile();
    refusesWhileTheOthersGoOn(file, damage(file, DamagedRaftLogTest::inTheMiddle));
  }

  /// Ratis takes it for the last entry, cut short by a crash, and drops it and what follows.
  @Test
  void aDamagedLengthIsNoEndOfTheLog() throws Exception {
    write(DamagedRaftLogTest::oneFile);
    Path file = openFile();
    refusesWhileTheOthersGoOn(file, damage(file, DamagedRaftLogTest::inALength));
  }

  @Test
  void aDamagedLengthInAClosedFileIsNoEndOfItEither() throws Exception {
    write(DamagedRaftLogTest::manyFiles);
    Path file = files("log_\\d+-\\d+").getLast();
    refusesWhileTheOthersGoOn(file, damage(file, DamagedRaftLogTest::inALength));
  }

  @Test
  void aFileThatIsMissingIsAGap() throws Exception {
    write(DamagedRaftLogTest::manyFiles);
    List<Path> closed = files("log_\\d+-\\d+");
    Files.delete(closed.get(closed.size() / 2));
    assertThatThrownBy(() -> trio.start(VICTIM))
        .isInstanceOf(Refusal.class)
        .hasMessageContainingAll("damaged", "follows entry");
  }

  @Test
  void anEntryThatACrashCutShortIsNoDamage() throws Exception {
    write(DamagedRaftLogTest::oneFile);
    Path file = openFile();
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, used(bytes) - 20));
    var again = trio.start(VICTIM);
    propose("after");
    await().atMost(PATIENCE).until(() -> again.machine().commands.contains("after"));
  }
}
