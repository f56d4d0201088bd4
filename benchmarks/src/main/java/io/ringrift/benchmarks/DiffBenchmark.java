package io.ringrift.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// What the leader needs to collect and compare the manifests of many nodes that each lack some of
/// the files. All are processes of their own; nothing is moved.
@Command(
    name = "diff",
    description = "Manifests of 20,000 files on 14 nodes, collected and compared.",
    mixinStandardHelpOptions = true)
final class DiffBenchmark implements Callable<Integer> {
  private static final double MOST_SECONDS = 1;

  @Option(names = "--nodes", defaultValue = "14", description = "Default 14.")
  int nodes = 14;

  @Option(names = "--files", defaultValue = "20000", description = "Default 20000.")
  int files = 20_000;

  @Option(names = "--rounds", defaultValue = "5", description = "Plans after the first (5).")
  int rounds = 5;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    Lab.conditions(out);
    try (var lab = new Lab();
        var systems = new Systems(lab, out)) {
      Lab.say(out, "starting " + nodes + " nodes");
      var started =
          systems.keep(SyncNodes.start(lab.folder("ringrift"), nodes, "lan"), SyncNodes::close);
      place(lab.folder("files"), started);
      for (String node : started.names()) {
        Lab.say(out, node + " holds " + started.scan(node) + " files");
      }
      long leader = started.leaderPid();
      double before = LiveHeap.mib(leader);
      boolean fast = measure(out, started);
      if (started.leaderPid() == leader) {
        tell(out, before, LiveHeap.mib(leader));
      } else {
        Lab.say(out, "the leader changed meanwhile, so its heap says nothing");
      }
      return fast ? 0 : 1;
    }
  }

  /// Every node gets all files but its share of those that it shall lack, as hard links.
  private void place(Path from, SyncNodes started) throws IOException {
    for (int i = 0; i < files; i++) {
      Files.writeString(from.resolve(name(i)), "{\"game\":" + i + "}\n");
    }
    int number = 0;
    for (String node : started.names()) {
      Path folder = started.data(node).resolve("selfplay").resolve("hex8_2p");
      Files.createDirectories(folder);
      for (int i = 0; i < files; i++) {
        if (i % nodes != number) {
          Files.createLink(folder.resolve(name(i)), from.resolve(name(i)));
        }
      }
      number++;
    }
  }

  private static String name(int file) {
    return "game" + file + ".jsonl";
  }

  private void tell(PrintWriter out, double before, double after) {
    out.printf(
        Locale.ROOT,
        "live on the leader's heap: %.1f MiB before it collected, %.1f MiB with the manifests of %d"
            + " nodes and the last plan%n",
        before,
        after,
        nodes);
    out.flush();
  }

  private boolean measure(PrintWriter out, SyncNodes started) {
    var comparing = new ArrayList<Double>();
    for (int round = 0; round <= rounds; round++) {
      long start = System.nanoTime();
      long copies = started.plan();
      double seconds = (System.nanoTime() - start) / 1e9;
      comparing.add(started.planningMillis() / 1e3);
      Lab.say(
          out,
          String.format(
              Locale.ROOT,
              "%s: %,d copies to move; %.2f s in all, %.3f s of it to compare",
              round == 0 ? "whole manifests" : "unchanged manifests",
              copies,
              seconds,
              comparing.getLast()));
    }
    double median = Times.median(comparing);
    out.printf(
        Locale.ROOT,
        "compare, median %.3f s (at most %.0f, ratio %.2f)%n",
        median,
        MOST_SECONDS,
        median / MOST_SECONDS);
    out.flush();
    return median <= MOST_SECONDS;
  }
}
