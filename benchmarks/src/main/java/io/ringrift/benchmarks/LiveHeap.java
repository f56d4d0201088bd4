package io.ringrift.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// What is alive on the heap of another process of this machine.
final class LiveHeap {
  private LiveHeap() {}

  /// The histogram of classes counts what is reachable, after a full collection.
  ///
  /// @return MiB
  static double mib(long pid) throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    String histogram = PeerProcess.run(List.of(jcmd, Long.toString(pid), "GC.class_histogram"));
    String total = histogram.lines().filter(l -> l.startsWith("Total")).findFirst().orElseThrow();
    return Long.parseLong(total.split(" +", -1)[2]) / (double) (1 << 20);
  }
}
