package io.ringrift.workloads.hex;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Runs the programs in this process, and keeps what they said.
final class Training {
  static final Grid HEX5 = new Grid(5);

  private final Path folder;
  private final ByteArrayOutputStream results = new ByteArrayOutputStream();
  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

  Training(Path folder) {
    this.folder = folder;
  }

  /// Plays games into `games`.
  int selfplay(String options) throws UsageException {
    var words = words("--board hex5 --output games " + options);
    return new SelfplayMain(Arguments.parse(words), stream(progress)).run();
  }

  int train(String options) throws UsageException {
    return trainer(options).run();
  }

  TrainMain trainer(String options) throws UsageException {
    return trainer(options, stream(results));
  }

  private TrainMain trainer(String options, PrintStream out) throws UsageException {
    var words = words("--board hex5 --data games --checkpoint-prefix checkpoints/c " + options);
    return new TrainMain(
        TrainArguments.parse(words), out, stream(progress), InstantSource.system());
  }

  /// Trains until an epoch was told, as TERM would end it.
  void trainUntil(int epoch, String options) throws UsageException {
    var stop = new AtomicReference<Runnable>(() -> {});
    var out =
        new PrintStream(results, true, UTF_8) {
          @Override
          public void println(@Nullable Object line) {
            super.println(line);
            if (String.valueOf(line).startsWith("{\"epoch\":" + epoch + ",")) {
              stop.get().run();
            }
          }
        };
    var main = trainer(options, out);
    stop.set(main::stop);
    assertThat(main.run()).isZero();
  }

  /// Names of the files below `checkpoints`, sorted.
  List<String> checkpoints() throws IOException {
    try (var files = Files.list(file("checkpoints"))) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  int export(String options) throws UsageException {
    var words = words("--board hex5 --data games " + options);
    return new ExportMain(ExportArguments.parse(words), stream(results), stream(progress)).run();
  }

  int gauntlet(String options) throws UsageException {
    return gauntlet(InstantSource.fixed(Instant.EPOCH), options);
  }

  int gauntlet(InstantSource clock, String options) throws UsageException {
    var words = words("--board hex5 " + options);
    return new GauntletMain(
            GauntletArguments.parse(words), stream(results), stream(progress), clock)
        .run();
  }

  private List<String> words(String options) {
    var words = new ArrayList<>(List.of(options.strip().split(" +", -1)));
    words.addAll(List.of("--root", folder.toString()));
    return words;
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, UTF_8);
  }

  /// What went to stdout, a line each.
  List<String> lines() {
    return results.toString(UTF_8).lines().toList();
  }

  /// A number of the last line of stdout.
  double number(String field) {
    String line = lines().getLast();
    int from = line.indexOf("\"" + field + "\":");
    if (from < 0) {
      throw new AssertionError(field + " is not in " + line);
    }
    String rest = line.substring(from + field.length() + 3);
    return Double.parseDouble(rest.split("[,}]", 2)[0]);
  }

  String told() {
    return progress.toString(UTF_8);
  }

  Path file(String name) {
    return folder.resolve(name);
  }
}
