package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ringrift.kernel.Reason;
import io.ringrift.sync.v1.CorruptSource;
import io.ringrift.sync.v1.ReadFileResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// One big file from several sources at once.
final class RangedTransferTest extends RangedCase {
  @Test
  void aBigFileComesFromSeveralSourcesAtOnceAndEachRangeOnce() throws Exception {
    var third = source("third", content);
    meet(first, second, third);

    assertThat(fetch(first, second, third)).isEqualTo(content.length);

    assertThat(target()).hasBinaryContent(content);
    assertThat(first.sent() + second.sent() + third.sent()).isEqualTo(content.length);
    assertThat(partials()).isZero();
  }

  @Test
  void aSourceThatVanishesLeavesItsRangeToThoseThatWereDone() throws Exception {
    first.fault(
        _ -> {
          await().until(() -> second.sent() >= (long) (RANGES - 2) * RANGE);
          throw new IllegalStateException("gone");
        });

    fetch(first, second);

    assertThat(target()).hasBinaryContent(content);
    assertThat(second.offsets()).hasSize(RANGES).doesNotHaveDuplicates();
    assertThat(bad.told()).isEmpty();
  }

  @Test
  void aDiskThatFillsInTheMiddleIsToldAndRangesThatAreMarkedStay() throws Exception {
    disk.leave(6L * RANGE);

    assertThat(refused(first, second).reason()).isEqualTo(Reason.DISK_FULL);

    assertThat(target()).doesNotExist();
    long before = first.sent() + second.sent();
    disk.leave(Long.MAX_VALUE);
    fetch(first, second);
    assertThat(target()).hasBinaryContent(content);
    assertThat(first.sent() + second.sent() - before)
        .isLessThanOrEqualTo(content.length - 3L * RANGE);
    assertThat(partials()).isZero();
  }

  @Test
  void aSourceThatTakesTheLastRangeAndVanishesLeavesNoneBehind() throws Exception {
    first.breakAfter(FakeSource.CHUNK);
    second.breakAfter(10 * FakeSource.CHUNK);
    var third = source("third", content);
    maxSources = 2;

    fetch(first, second, third);

    assertThat(target()).hasBinaryContent(content);
  }

  @Test
  void aSourceWithRottenChunksIsNamedAndLeftOut() throws Exception {
    meet(first, second);
    first.fault(first.fault().andThen(chunk -> chunk.toBuilder().setCrc32C(7).build())::apply);

    fetch(first, second);

    assertThat(target()).hasBinaryContent(content);
    assertThat(bad.told()).extracting(CorruptSource::getNodeId).containsExactly("first");
    assertThat(first.offsets()).hasSize(1);
  }

  @Test
  void aSourceWithOtherContentAndRightChecksumsIsToldFromThoseThatSentTheRightOne()
      throws Exception {
    var liar = source("liar", rotten());
    meet(first, liar, second);

    fetch(first, liar, second);

    assertThat(target()).hasBinaryContent(content);
    assertThat(bad.told()).extracting(CorruptSource::getNodeId).containsExactly("liar");
    assertThat(partials()).isZero();
  }

  @Test
  void whatOnlyLiarsHaveIsNotKept() throws Exception {
    var refusal = refused(source("liar", rotten()), source("liar", rotten()));

    assertThat(refusal.reason()).isEqualTo(Reason.DIGEST_MISMATCH);
    assertThat(refusal.details()).containsEntry("source_node_id", "liar");
    assertThat(target()).doesNotExist();
    assertThat(partials()).isZero();
  }

  @Test
  void afterACrashOnlyRangesWithAMarkAndTheRightBytesAreTrusted() throws Exception {
    first.fault(chunk -> upTo(10, chunk));
    assertThat(refused(first, gone()).reason()).isNotEqualTo(Reason.DIGEST_MISMATCH);
    assertThat(target()).doesNotExist();
    // Bytes without a mark, as a crash leaves them; a range that rotted; a mark half written.
    overwrite(".ranged", 12L * RANGE, new byte[RANGE]);
    overwrite(".ranged", 3L * RANGE + 5, new byte[9]);
    overwrite(".marks", Files.size(partial(".marks")), new byte[7]);

    fetch(second);

    assertThat(target()).hasBinaryContent(content);
    var starts = new ArrayList<Long>(List.of(3L * RANGE));
    for (long i = 10; i < RANGES; i++) {
      starts.add(i * RANGE);
    }
    assertThat(second.offsets()).containsExactlyElementsOf(starts);
  }

  @Test
  void contentWithoutMarksCountsAsNothing() throws Exception {
    first.fault(chunk -> upTo(10, chunk));
    refused(first, gone());
    Files.delete(partial(".marks"));

    assertThat(fetch(second)).isEqualTo(content.length);
    assertThat(target()).hasBinaryContent(content);
  }

  @Test
  void aRangeThatALiarLeftBehindIsNotKeptForEver() throws Exception {
    var liar = source("liar", rotten());
    liar.fault(chunk -> upTo(10, chunk));
    refused(liar, gone());

    fetch(second);

    assertThat(target()).hasBinaryContent(content);
    assertThat(bad.told()).isEmpty();
  }

  @Test
  void noMoreSourcesSendThanMay() throws Exception {
    maxSources = 2;
    var third = source("third", content);
    meet(first, second);

    fetch(first, second, third);

    assertThat(third.sent()).isZero();
  }

  @Test
  void furtherSourcesTakeOnlyTurnsOfTheNodeThatAreFree() throws Exception {
    turns = 1;

    fetch(first, second);

    assertThat(second.sent()).isZero();
    assertThat(target()).hasBinaryContent(content);
  }

  @Test
  void oneSourceAloneSendsInOnePiece() throws Exception {
    fetch(first);

    assertThat(first.offsets()).containsExactly(0L);
    assertThat(target()).hasBinaryContent(content);
  }

  @Test
  void aSourceThatKnowsNoLengthsIsReadToo() throws Exception {
    first.ignoreLengths();

    fetch(first, second);

    assertThat(target()).hasBinaryContent(content);
  }

  @Test
  void nodesOfAClusterSendTogether() throws Exception {
    try (var cluster = new SyncCluster(folder.resolve("cluster"), "a", "b", "c", "d")) {
      for (String holder : List.of("a", "b", "c")) {
        cluster.node(holder).write(PATH, content);
      }

      assertThat(cluster.run().getSuccess()).isTrue();

      assertThat(cluster.node("d").root.resolve(PATH)).hasBinaryContent(content);
    }
  }

  /// None of these sends anything before each was asked for something.
  private static void meet(FakeSource... sources) {
    var all = new CyclicBarrier(sources.length);
    for (var source : sources) {
      var met = new AtomicBoolean();
      source.fault(
          chunk -> {
            if (!met.getAndSet(true)) {
              meet(all);
            }
            return chunk;
          });
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("not all sources were asked at once", e);
    }
  }

  private static ReadFileResponse upTo(int range, ReadFileResponse chunk) {
    if (chunk.getOffset() >= (long) range * RANGE) {
      throw new IllegalStateException("no more");
    }
    return chunk;
  }

  private byte[] rotten() {
    byte[] other = content.clone();
    for (int i = 0; i < other.length; i += RANGE) {
      other[i]++;
    }
    return other;
  }

  private FakeSource gone() throws IOException {
    var gone = source("gone", content);
    gone.breakAfter(0);
    return gone;
  }

  private void overwrite(String ending, long at, byte[] bytes) {
    try (var channel = FileChannel.open(partial(ending), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), at);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path partial(String ending) throws IOException {
    try (var files = Files.list(folder.resolve(".partial"))) {
      return files.filter(file -> file.toString().endsWith(ending)).findFirst().orElseThrow();
    }
  }

  private long partials() throws IOException {
    try (var files = Files.list(folder.resolve(".partial"))) {
      return files.count();
    }
  }
}
