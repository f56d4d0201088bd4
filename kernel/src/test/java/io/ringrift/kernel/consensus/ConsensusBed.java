package io.ringrift.kernel.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.LeadershipEvent.DutiesOpened;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.Ledger.Applied;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Three voters in one process with real folders, for what every mode of consensus promises.
public abstract class ConsensusBed {
  protected static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir protected Path root;

  private Trio trio;
  final TreeMap<Integer, Member> members = new TreeMap<>();

  /// Three voters, numbered 1 to 3.
  public interface Trio extends AutoCloseable {
    /// Starts a voter on what its folder holds.
    Member start(int n);

    /// Ends a voter without handing anything over.
    void stop(int n);

    /// The same for all that run.
    void stopAll();

    /// Every voter gets another address; all of them are stopped.
    void move();

    /// A voter's clock goes ahead: to that voter it is as if it alone had stood still.
    void skip(int n, Duration time);

    @Override
    void close();
  }

  /// A running voter.
  public record Member(
      int n, Consensus consensus, MemoryStateMachine machine, List<LeadershipEvent> events) {
    public Epoch epoch() {
      return consensus.leadership().epoch();
    }

    public boolean leads() {
      return consensus.leadsNow(epoch());
    }
  }

  /// @param snapshotEvery entries between two snapshots
  protected abstract Trio open(Path root, int snapshotEvery);

  @BeforeEach
  void begin() {
    trio = open(root, 10_000);
  }

  @AfterEach
  void end() {
    trio.close();
  }

  final void beginAgain(int snapshotEvery) {
    trio.close();
    trio = open(root, snapshotEvery);
  }

  final void move() {
    trio.move();
  }

  final void skip(Member member, Duration time) {
    trio.skip(member.n(), time);
  }

  protected final Member start(int n) {
    Member member = trio.start(n);
    members.put(n, member);
    return member;
  }

  protected final void stop(int n) {
    members.remove(n);
    trio.stop(n);
  }

  final void startAll() {
    IntStream.rangeClosed(1, 3).filter(n -> !members.containsKey(n)).forEach(this::start);
  }

  final void stopAll() {
    members.clear();
    trio.stopAll();
  }

  /// Waits until one voter has opened its duties, and gives it.
  protected final Member leader() {
    return await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () ->
                members.values().stream()
                    .filter(m -> m.leads() && m.events().contains(new DutiesOpened(m.epoch())))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  final Member follower() {
    int leading = leader().n();
    return members.values().stream().filter(m -> m.n() != leading).findFirst().orElseThrow();
  }

  private static Applied proposeAt(Member member, String command) throws Exception {
    return member
        .consensus()
        .ledger()
        .propose(member.epoch(), command.getBytes(UTF_8))
        .get(5, TimeUnit.SECONDS);
  }

  /// At a leader, wherever it is by then, until one confirms.
  final Applied propose(String command) {
    return await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions()
        .until(() -> proposeAt(leader(), command), applied -> applied != null);
  }

  final List<String> proposeMany(String prefix, int count) {
    var commands = IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    commands.forEach(this::propose);
    return commands;
  }

  final void everybodyHolds(List<String> commands) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(members.values())
                    .allSatisfy(
                        m -> assertThat(m.machine().commands).containsSubsequence(commands)));
  }

  static Reason reasonOf(CompletableFuture<?> future) throws Exception {
    try {
      future.get(10, TimeUnit.SECONDS);
      throw new AssertionError("was not refused");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Refusal refusal) {
        return refusal.reason();
      }
      throw e;
    }
  }
}
