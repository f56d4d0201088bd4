package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One big file from sources that are slow, gone or mistaken, and the turns of the node meanwhile.
final class RangedPaceTest extends RangedCase {
  @Test
  void aTurnGoesBackWhenOneSourceIsGoneAndTheOtherSends() throws Exception {
    turns = 2;
    second.breakAfter(0);
    var gate = gate(first, 0);
    var intake = intake();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var fetched = threads.submit(() -> fetch(intake, first, second));
      await().until(() -> !first.offsets().isEmpty() && !second.offsets().isEmpty());

      assertBegins(intake, threads);

      gate.countDown();
      fetched.get();
    }
    assertThat(target()).hasBinaryContent(content);
    assertThat(free(intake)).isEqualTo(turns);
  }

  @Test
  void aTurnGoesBackWhenItsSourceOnlyWaitsForTheOther() throws Exception {
    turns = 2;
    var gate = gate(second, 0);
    var intake = intake();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var fetched = threads.submit(() -> fetch(intake, first, second));
      await().until(() -> first.sent() == content.length - rangeOf(second));

      assertBegins(intake, threads);

      gate.countDown();
      fetched.get();
    }
    assertThat(target()).hasBinaryContent(content);
    assertThat(free(intake)).isEqualTo(turns);
  }

  @Test
  void aSourceThatDripsLosesItsRangeToOneThatIsDone() throws Exception {
    var gate = gate(second, 3);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var fetched = threads.submit(() -> fetch(first, second));
      await().until(() -> first.sent() == content.length - rangeOf(second));
      long before = first.sent();

      // What the first one sent may not have been taken in: then this counts as time it needed.
      await()
          .until(
              () -> {
                skip(RangeBoard.LEAST.plusSeconds(1));
                return fetched.isDone();
              });
      assertThat(fetched.get()).isEqualTo(content.length);
      assertThat(first.sent()).isEqualTo(before + rangeOf(second) - 3 * FakeSource.CHUNK);
      gate.countDown();
    }
    assertThat(target()).hasBinaryContent(content);
    assertThat(bad.told()).isEmpty();
  }

  @Test
  void aSourceThatFailedIsAskedBehindTheOthers() throws Exception {
    maxSources = 1;
    first.breakAfter(FakeSource.CHUNK);
    refused(first);

    fetch(first, second);

    assertThat(first.offsets()).hasSize(1);
    assertThat(target()).hasBinaryContent(content);
  }

  @Test
  void aRangeThatNeedsMoreThanOneTryIsBroughtInSeveral() throws Exception {
    rangeBytes = 1 << 20;
    caps = new SyncConfig.Caps(5_000, 0, List.of(), 4);
    transferTimeout = Duration.ofSeconds(30);
    var intake = intake();

    var missing = new ArrayList<Long>(List.of((long) content.length));
    while (!Files.exists(target()) && missing.size() < 10) {
      var refusal = catchThrowableOfType(Refusal.class, () -> fetch(intake, first, second));
      if (refusal != null) {
        assertThat(refusal.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
        assertThat(missing()).isLessThan(missing.getLast());
        missing.add(missing());
      }
    }

    assertThat(target()).hasBinaryContent(content);
    assertThat(missing).hasSizeGreaterThan(2);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1})
  void aWrongSizeIsNoFaultOfWhoeverHoldsTheContent(long more) throws Exception {
    said = content.length + more;

    var refusal = refused(first, second);

    assertThat(refusal.reason()).isEqualTo(Reason.INVALID_ARGUMENT);
    assertThat(refusal.details()).containsEntry("value", Long.toString(said));
    assertThat(bad.told()).isEmpty();
    assertThat(refused(first).reason()).as("in one piece").isEqualTo(Reason.INVALID_ARGUMENT);
    assertThat(bad.told()).isEmpty();
    said = content.length;
    fetch(first, second);
    assertThat(target()).hasBinaryContent(content);
  }

  @Test
  void aSizeBeyondAllFilesIsRefused() {
    said = Long.MAX_VALUE;

    assertThat(refused(first, second).details())
        .containsEntry("value", Long.toString(Long.MAX_VALUE));
    assertThat(first.offsets()).isEmpty();
  }

  /// From a chunk of its first call on, a source sends nothing until it is told to.
  private static CountDownLatch gate(FakeSource source, int chunks) {
    var gate = new CountDownLatch(1);
    var sent = new AtomicInteger();
    source.fault(
        chunk -> {
          try {
            if (sent.getAndIncrement() >= chunks && !gate.await(60, TimeUnit.SECONDS)) {
              throw new IllegalStateException("nobody opened");
            }
            return chunk;
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    return gate;
  }

  /// Size of the range that a source was asked for first.
  private long rangeOf(FakeSource source) {
    return source.offsets().isEmpty()
        ? -1
        : Math.min(RANGE, content.length - source.offsets().getFirst());
  }

  private static void assertBegins(Intake intake, ExecutorService threads) throws Exception {
    var begun =
        threads.submit(
            () -> {
              intake.begin();
              return true;
            });
    assertThat(begun.get(20, TimeUnit.SECONDS)).isTrue();
    intake.end();
  }

  /// Turns that nobody has.
  private static int free(Intake intake) {
    int free = 0;
    while (intake.beginSpare()) {
      free++;
    }
    return free;
  }

  private void skip(Duration time) {
    now.updateAndGet(at -> at.plus(time));
  }

  private long missing() throws IOException {
    Path partial = SafePath.under(folder).partial(PATH, wanted().sha256());
    try (var file = RangedFile.open(Space.disk(), partial, content.length, rangeBytes)) {
      return file.missing();
    }
  }
}
