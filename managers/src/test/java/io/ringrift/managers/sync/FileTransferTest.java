package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileTransferTest {
  private static final String PATH = "selfplay/hex8_2p/game.db";

  @TempDir private Path folder;
  private byte[] content = new byte[0];
  private FakeSource first;
  private FakeSource second;
  private final TightDisk disk = new TightDisk();
  private Space space = disk;

  private final BadSources bad =
      new BadSources(
          Ticker.system(),
          new SyncEvents(new Alone(), new SyncCounters(Ticker.system())),
          new SyncCounters(Ticker.system()));

  @BeforeEach
  void openSources() throws IOException {
    content = new byte[20_500];
    new SplittableRandom(1).nextBytes(content);
    first = new FakeSource("first", content);
    second = new FakeSource("second", content);
  }

  @AfterEach
  void closeSources() {
    first.close();
    second.close();
  }

  @Test
  void aFileArrivesBitIdentical() throws Exception {
    assertThat(fetch(first.source())).isEqualTo(content.length);

    assertThat(target()).hasBinaryContent(content);
    assertThat(partials()).isZero();
  }

  @Test
  void anEmptyFileArrives() throws Exception {
    content = new byte[0];

    assertThat(fetch(first.source())).isZero();
    assertThat(target()).isEmptyFile();
  }

  @Test
  void theSameContentHereAlreadyIsNotFetched() throws Exception {
    fetch(first.source());

    assertThat(fetch(second.source())).isZero();
    assertThat(second.sent()).isZero();
  }

  @Test
  void otherContentHereIsKept() throws Exception {
    Files.createDirectories(target().getParent());
    Files.writeString(target(), "mine");

    assertThat(refused(first.source()).reason()).isEqualTo(Reason.DIGEST_MISMATCH);
    assertThat(target()).hasContent("mine");
    assertThat(first.sent()).isZero();
  }

  @Test
  void aFileThatAppearsMeanwhileIsNotReplaced() throws Exception {
    Files.createDirectories(target().getParent());
    first.fault(
        chunk -> {
          if (chunk.getOffset() == 10_000) {
            writeMine();
          }
          return chunk;
        });

    assertThat(refused(first.source()).reason()).isEqualTo(Reason.DIGEST_MISMATCH);
    assertThat(target()).hasContent("mine");
  }

  @Test
  void aCutInTheMiddleIsResumedAndNothingIsSentTwice() throws Exception {
    first.breakAfter(10_000);
    assertThat(refused(first.source()).reason()).isEqualTo(Reason.UNREACHABLE);
    assertThat(target()).doesNotExist();

    fetch(second.source());

    assertThat(target()).hasBinaryContent(content);
    assertThat(second.offsets()).containsExactly(10_000L);
    assertThat(first.sent() + second.sent())
        .isLessThanOrEqualTo(content.length + (long) FakeSource.CHUNK);
  }

  @Test
  void storageThatFailedAtTheSourceIsNotToldAsThatOfTheReceiver() {
    first.fault(
        _ -> {
          throw new Refusal(Reason.STORAGE_FAILED, "it cannot be read");
        });

    var refusal = refused(first.source());

    assertThat(refusal.reason()).isEqualTo(Reason.UNREACHABLE);
    assertThat(refusal.text()).contains("it cannot be read");
  }

  @Test
  void theNextSourceGoesOnWhereOneStopped() throws Exception {
    first.breakAfter(5_000);

    fetch(first.source(), second.source());

    assertThat(target()).hasBinaryContent(content);
    assertThat(second.offsets()).containsExactly(5_000L);
  }

  @Test
  void aTruncatedStreamLeavesNoFile() throws Exception {
    first.truncateAt(7_000);

    assertThat(refused(first.source()).reason()).isEqualTo(Reason.UNREACHABLE);
    assertThat(target()).doesNotExist();
  }

  @Test
  void aCorruptChunkIsRefusedWithItsSenderNamed() throws Exception {
    first.fault(
        chunk -> chunk.getOffset() == 3_000 ? chunk.toBuilder().setCrc32C(7).build() : chunk);

    var refusal = refused(first.source());

    assertThat(refusal.reason()).isEqualTo(Reason.DIGEST_MISMATCH);
    assertThat(refusal.details()).containsEntry("source_node_id", "first");
    assertThat(target()).doesNotExist();
  }

  @Test
  void theNextSourceIsUsedAfterACorruptChunk() throws Exception {
    first.fault(
        chunk -> chunk.getOffset() == 3_000 ? chunk.toBuilder().setCrc32C(7).build() : chunk);

    fetch(first.source(), second.source());

    assertThat(target()).hasBinaryContent(content);
    assertThat(second.offsets()).containsExactly(3_000L);
  }

  @Test
  void aSourceWithOtherContentAndRightChecksumsIsFoundOut() throws Exception {
    byte[] other = content.clone();
    other[20_000]++;
    try (var liar = new FakeSource("liar", other)) {
      assertThat(refused(liar.source()).reason()).isEqualTo(Reason.DIGEST_MISMATCH);
      assertThat(target()).doesNotExist();
      assertThat(partials()).isZero();

      fetch(liar.source(), second.source());
      assertThat(target()).hasBinaryContent(content);
    }
  }

  @Test
  void aSpoiltRestOfAnEarlierTryIsReadAgainFromZero() throws Exception {
    first.breakAfter(5_000);
    refused(first.source());
    Path partial = onlyPartial();
    Files.write(partial, new byte[5_000]);

    fetch(second.source());

    assertThat(target()).hasBinaryContent(content);
    assertThat(second.offsets()).containsExactly(5_000L, 0L);
  }

  @Test
  void moreBytesThanPromisedAreRefused() throws Exception {
    first.fault(
        chunk ->
            chunk.getOffset() == 20_000
                ? chunk.toBuilder().setChunk(ByteString.copyFrom(new byte[1000])).build()
                : chunk);

    assertThat(refused(first.source()).text()).contains("more than");
    assertThat(target()).doesNotExist();
  }

  @Test
  void aDiskThatWouldFillIsToldBeforeAnythingIsSent() throws Exception {
    space = _ -> new Space.Room(110_000, 1_000_000);

    var refusal = refused(first.source());

    assertThat(refusal.reason()).isEqualTo(Reason.DISK_FULL);
    assertThat(refusal.text()).contains("90 %").contains("10000 may be received");
    assertThat(first.offsets()).isEmpty();
  }

  @Test
  void aDiskThatFillsInTheMiddleIsToldAndTheRestComesOnceThereIsRoom() throws Exception {
    disk.leave(5_500);

    var refusal = refused(first.source(), second.source());

    assertThat(refusal.reason()).isEqualTo(Reason.DISK_FULL);
    assertThat(refusal.text()).contains(PATH, "cannot be written", "No space left");
    assertThat(target()).doesNotExist();
    assertThat(second.offsets()).as("no other source helps").isEmpty();
    assertThat(onlyPartial()).hasSize(5_500);

    disk.leave(Long.MAX_VALUE);
    fetch(second.source());

    assertThat(target()).hasBinaryContent(content);
    assertThat(second.offsets()).containsExactly(5_500L);
    assertThat(partials()).isZero();
  }

  @Test
  void anotherFaultOfTheDiskIsNotToldAsAFullOne() throws Exception {
    disk.leave(5_500);
    disk.breakWith("Input/output error");

    assertThat(refused(first.source()).reason()).isEqualTo(Reason.STORAGE_FAILED);
    assertThat(target()).doesNotExist();
  }

  @Test
  void describeTellsSizeAndHash() throws Exception {
    assertThat(transfer().describe(PATH, first.source())).isEqualTo(wanted());
  }

  private void writeMine() {
    try {
      Files.writeString(target(), "mine");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long fetch(Source... sources) throws InterruptedException {
    return transfer().fetch(wanted(), List.of(sources));
  }

  private Refusal refused(Source... sources) {
    return catchThrowableOfType(Refusal.class, () -> fetch(sources));
  }

  private FileTransfer transfer() {
    var config =
        SyncConfig.defaults(folder).withIntervals(Duration.ofSeconds(1), Duration.ofSeconds(1));
    return new FileTransfer(
        SafePath.under(folder),
        new MemoryDigestCache(),
        config,
        space,
        new Underway(),
        bad,
        new Intake(config, Ticker.system()));
  }

  private Content wanted() {
    return new Content(PATH, content.length, FakeSource.sha256(content));
  }

  private Path target() {
    return folder.resolve(PATH);
  }

  private Path onlyPartial() throws IOException {
    try (var files = Files.list(folder.resolve(".partial"))) {
      return files.findFirst().orElseThrow();
    }
  }

  private long partials() throws IOException {
    try (var files = Files.list(folder.resolve(".partial"))) {
      return files.count();
    }
  }
}
