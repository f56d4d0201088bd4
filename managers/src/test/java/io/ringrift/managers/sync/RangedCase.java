package io.ringrift.managers.sync;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// One big file on its way from several sources, with a clock that goes on only when somebody waits
/// or a test says so.
abstract class RangedCase {
  static final String PATH = "selfplay/hex8_2p/game.db";
  static final int RANGE = 1 << 16;
  static final int RANGES = 20;

  @TempDir Path folder;
  final byte[] content = new byte[RANGES * RANGE - 1000];
  private final List<FakeSource> opened = new ArrayList<>();
  FakeSource first;
  FakeSource second;
  int turns = 4;
  int maxSources = 4;
  int rangeBytes = RANGE;
  long said = content.length;
  SyncConfig.Caps caps = SyncConfig.Caps.defaults();
  Duration transferTimeout = Duration.ofMinutes(10);
  final TightDisk disk = new TightDisk();

  final AtomicReference<Moment> now = new AtomicReference<>(new Moment(1_000_000_000L));

  final BadSources bad =
      new BadSources(
          Ticker.system(),
          new SyncEvents(new Alone(), new SyncCounters(Ticker.system())),
          new SyncCounters(Ticker.system()));

  @BeforeEach
  void openSources() throws IOException {
    new SplittableRandom(1).nextBytes(content);
    first = source("first", content);
    second = source("second", content);
  }

  @AfterEach
  void closeSources() {
    opened.forEach(FakeSource::close);
  }

  FakeSource source(String name, byte[] bytes) throws IOException {
    var source = new FakeSource(name, bytes);
    opened.add(source);
    return source;
  }

  SyncConfig config() {
    var usual = SyncConfig.defaults(folder);
    return new SyncConfig(
        folder,
        usual.manifestInterval(),
        usual.syncInterval(),
        usual.requestTimeout(),
        transferTimeout,
        Duration.ofMinutes(1),
        usual.partialAge(),
        0,
        turns,
        caps,
        usual.receivers(),
        usual.gc(),
        new SyncConfig.Ranges(1 << 20, maxSources, rangeBytes));
  }

  Intake intake() {
    return new Intake(
        config(), now::get, due -> now.updateAndGet(at -> at.isBefore(due) ? due : at));
  }

  long fetch(FakeSource... sources) throws InterruptedException {
    return fetch(intake(), sources);
  }

  long fetch(Intake intake, FakeSource... sources) throws InterruptedException {
    var transfer =
        new FileTransfer(
            SafePath.under(folder),
            new MemoryDigestCache(),
            config(),
            disk,
            new Underway(),
            bad,
            intake);
    intake.begin();
    try {
      return transfer.fetch(wanted(), List.of(sources).stream().map(FakeSource::source).toList());
    } finally {
      intake.end();
    }
  }

  Refusal refused(FakeSource... sources) {
    return catchThrowableOfType(Refusal.class, () -> fetch(sources));
  }

  Content wanted() {
    return new Content(PATH, said, FakeSource.sha256(content));
  }

  Path target() {
    return folder.resolve(PATH);
  }
}
