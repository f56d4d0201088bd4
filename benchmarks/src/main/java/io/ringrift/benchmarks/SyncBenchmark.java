package io.ringrift.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Files of one node brought to another beside rsync's daemon, both on one disk and loopback. Ours
/// checks each file's SHA-256 and synchronises it; rsync does neither, or only the latter with
/// `--fsync`. In each round the files have a new path, so that nobody remembers them.
@Command(
    name = "sync",
    description = "10,000 small files, one big one, and 100,000 unchanged ones beside rsync.",
    mixinStandardHelpOptions = true)
final class SyncBenchmark implements Callable<Integer> {
  private static final int SMALL_BYTES = 16 << 10;
  private static final long BIG_BYTES = 2L << 30;

  /// Files and folders up to which a tree counts as few files.
  private static final int FEW = 100;

  private static final String OURS = "RingRift";
  private static final String HASHED = "RingRift, hashing at the source included";
  private static final String RSYNC = "rsync";
  private static final String SYNCED = "rsync --fsync";

  @Option(names = "--rounds", defaultValue = "3", description = "Alternating runs (default 3).")
  int rounds = 3;

  @Option(
      names = "--scale",
      defaultValue = "1",
      description = "Share of the files and bytes that is measured (default 1).")
  double scale = 1;

  @Option(
      names = "--cases",
      split = ",",
      defaultValue = "small,big,unchanged",
      description = "Of small, big, unchanged (default all).")
  List<String> cases = List.of("small", "big", "unchanged");

  @Spec CommandSpec spec = CommandSpec.create();

  private final Times times = new Times();

  /// What measures one case.
  private record Stage(
      SyncNodes nodes, Optional<RsyncDaemon> rsync, Path copies, Path away, PrintWriter out) {}

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    Lab.conditions(out);
    if (!RsyncDaemon.installed()) {
      Lab.missing(out, RSYNC);
    }
    try (var lab = new Lab();
        var systems = new Systems(lab, out)) {
      var nodes =
          systems.keep(SyncNodes.start(lab.folder("ringrift"), 2, "local"), SyncNodes::close);
      Optional<RsyncDaemon> rsync = Optional.empty();
      if (RsyncDaemon.installed()) {
        rsync =
            Optional.of(
                systems.keep(
                    RsyncDaemon.start(lab.folder("rsyncd"), nodes.data(SyncNodes.SOURCE)),
                    RsyncDaemon::close));
      }
      var stage = new Stage(nodes, rsync, lab.folder("copies"), lab.folder("away"), out);
      warmUp(stage);
      for (String one : cases) {
        measure(one, stage);
      }
    }
    times.print(out, List.of(OURS, HASHED), List.of(RSYNC, SYNCED));
    return 0;
  }

  /// The virtual machine compiles what a transfer needs; nothing is measured.
  private void warmUp(Stage stage) throws Exception {
    Lab.say(stage.out(), "warming up with 3,000 small files, twice");
    for (int i = 0; i < 2; i++) {
      DataFiles.write(source(stage, "warm" + i), 3000, SMALL_BYTES);
      var _ = stage.nodes().run();
      clear(stage);
    }
  }

  private void measure(String one, Stage stage) throws Exception {
    switch (one) {
      case "small" -> moved(stage, "small", scaled(10_000), SMALL_BYTES);
      case "big" -> moved(stage, "big", 1, (long) (BIG_BYTES * scale));
      case "unchanged" -> unchanged(stage, scaled(100_000));
      default -> throw new IllegalArgumentException("--cases is one of small, big, unchanged");
    }
    clear(stage);
  }

  private int scaled(int files) {
    return Math.max(1, (int) (files * scale));
  }

  private void moved(Stage stage, String name, int files, long bytes) throws Exception {
    String what = String.format(Locale.ROOT, "%,d x %,d KiB, first time", files, bytes >> 10);
    DataFiles.write(source(stage, name + 0), files, bytes);
    for (int round = 1; round <= rounds; round++) {
      Path from = source(stage, name + (round - 1));
      Files.move(from, source(stage, name + round), StandardCopyOption.ATOMIC_MOVE);
      for (String system : order(stage, round)) {
        run(stage, what, system, true);
        clearCopies(stage);
      }
    }
  }

  private void unchanged(Stage stage, int files) throws Exception {
    String what = String.format(Locale.ROOT, "%,d files, nothing changed", files);
    DataFiles.write(source(stage, "unchanged"), files, SMALL_BYTES);
    run(stage, String.format(Locale.ROOT, "%,d x 16 KiB, first time", files), OURS, true);
    for (String system : order(stage, 1).stream().filter(s -> !s.equals(OURS)).toList()) {
      run(stage, String.format(Locale.ROOT, "%,d x 16 KiB, first time", files), system, true);
    }
    // The receiver looks at what arrived once.
    var _ = stage.nodes().scan(SyncNodes.TARGET);
    var _ = stage.nodes().run();
    for (int round = 1; round <= rounds; round++) {
      for (String system : order(stage, round)) {
        run(stage, what, system, false);
      }
    }
  }

  private static List<String> order(Stage stage, int round) {
    var systems = new ArrayList<>(List.of(OURS));
    if (stage.rsync().isPresent()) {
      systems.addAll(List.of(RSYNC, SYNCED));
    }
    Collections.rotate(systems, round);
    return systems;
  }

  private void run(Stage stage, String what, String system, boolean fresh) throws Exception {
    // What others left in memory is not written during this run.
    var _ = PeerProcess.run(List.of("sync"));
    var before = Processor.now(stage.nodes().pids());
    long start = System.nanoTime();
    double hashing = 0;
    if (system.equals(OURS)) {
      if (fresh) {
        var _ = stage.nodes().scan(SyncNodes.SOURCE);
      }
      hashing = (System.nanoTime() - start) / 1e9;
      var _ = stage.nodes().run();
    } else {
      Path into = stage.copies().resolve(system.equals(RSYNC) ? "plain" : "fsync");
      String[] flags = system.equals(RSYNC) ? new String[0] : new String[] {"--fsync"};
      stage.rsync().orElseThrow().pull(Files.createDirectories(into), flags);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    var spent = Processor.now(stage.nodes().pids()).since(before);
    times.add(what, system, seconds - hashing);
    if (system.equals(OURS) && fresh) {
      times.add(what, HASHED, seconds);
    }
    Lab.say(
        stage.out(),
        String.format(
            Locale.ROOT,
            "%s: %s %.2f s (hashing before it %.2f s), processor: our nodes %.1f s, others %.1f s",
            what,
            system,
            seconds - hashing,
            hashing,
            spent.servers(),
            spent.others()));
  }

  private static Path source(Stage stage, String name) throws IOException {
    Path folder = stage.nodes().data(SyncNodes.SOURCE).resolve("selfplay").resolve("hex8_2p");
    return Files.createDirectories(folder).resolve(name);
  }

  private static void clearCopies(Stage stage) throws IOException {
    away(stage, stage.nodes().data(SyncNodes.TARGET).resolve("selfplay"));
    away(stage, stage.copies());
  }

  private static void clear(Stage stage) throws IOException {
    away(stage, stage.nodes().data(SyncNodes.SOURCE).resolve("selfplay"));
    clearCopies(stage);
    var _ = stage.nodes().scan(SyncNodes.SOURCE);
  }

  /// Moves a tree of many files away, to be deleted at the end with the lab: ext4 looks at every
  /// inode that was freed within the last minute before it takes another, so who creates files
  /// right after a deletion of thousands pays for that deletion. A few large ones go at once: kept,
  /// they would fill the disk.
  private static void away(Stage stage, Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    if (few(tree)) {
      Lab.delete(tree);
    } else {
      Files.move(tree, Files.createTempDirectory(stage.away(), "").resolve("tree"));
    }
  }

  private static boolean few(Path tree) throws IOException {
    try (var paths = Files.walk(tree)) {
      return paths.skip(FEW).findAny().isEmpty();
    }
  }
}
