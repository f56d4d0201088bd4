package io.ringrift.benchmarks;

import io.ringrift.node.local.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// rsync as a daemon on loopback that serves one folder, and its client as a receiver.
final class RsyncDaemon implements AutoCloseable {
  private final PeerProcess process;
  private final int port;

  private RsyncDaemon(PeerProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  static boolean installed() {
    return PeerProcess.installed("rsync");
  }

  /// @param folder of its configuration and log
  /// @param served what clients may read
  static RsyncDaemon start(Path folder, Path served) throws IOException {
    int port = FreePorts.choose(1).getFirst();
    Path file = folder.resolve("rsyncd.conf");
    Files.writeString(
        file,
        """
        use chroot = no
        pid file = %s
        lock file = %s
        [data]
        path = %s
        read only = yes
        """
            .formatted(folder.resolve("pid"), folder.resolve("lock"), served));
    var command =
        List.of(
            "rsync",
            "--daemon",
            "--no-detach",
            "--address=127.0.0.1",
            "--port=" + port,
            "--config=" + file);
    var process = PeerProcess.start(command, folder.resolve("rsyncd.log"));
    return new RsyncDaemon(process.awaitPort(port), port);
  }

  /// Brings the tree below the served folder up to date.
  ///
  /// @param more flags of the client
  void pull(Path into, String... more) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("rsync", "-a"));
    command.addAll(List.of(more));
    command.addAll(List.of("rsync://127.0.0.1:" + port + "/data/", into + "/"));
    var _ = PeerProcess.run(command);
  }

  @Override
  public void close() {
    process.close();
  }
}
