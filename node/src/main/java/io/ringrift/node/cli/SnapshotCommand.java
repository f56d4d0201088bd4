package io.ringrift.node.cli;

import com.google.protobuf.ByteString;
import io.ringrift.election.v1.ElectionServiceGrpc;
import io.ringrift.election.v1.GetLeadershipRequest;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.managers.state.SnapshotFile;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.SaveSnapshotRequest;
import io.ringrift.state.v1.SnapshotInfo;
import io.ringrift.state.v1.StateServiceGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ringrift snapshot …`: the replicated state, kept outside the cluster and put back.
@picocli.CommandLine.Command(
    name = "snapshot",
    description = "The replicated state in a file: save, inspect, restore.",
    subcommands = {
      SnapshotCommand.Save.class,
      SnapshotCommand.Inspect.class,
      SnapshotCommand.Restore.class
    },
    mixinStandardHelpOptions = true)
final class SnapshotCommand {
  private SnapshotCommand() {}

  @picocli.CommandLine.Command(
      name = "save",
      description = "Writes the leader's state, as of now, to a file.")
  static final class Save extends Verb {
    @Parameters(paramLabel = "FILE", description = "Where to write it.")
    Path file = Path.of("");

    @Override
    int run(ClusterClient client, Printer printer) {
      SnapshotInfo info =
          client.call(
              channel ->
                  inFile(
                      file,
                      () ->
                          SnapshotFile.write(
                              StateServiceGrpc.newBlockingStub(channel)
                                  .withDeadlineAfter(client.timeout())
                                  .saveSnapshot(SaveSnapshotRequest.getDefaultInstance()),
                              file)));
      show(printer, connection.json(), info, List.of());
      return ExitCodes.OK;
    }
  }

  @picocli.CommandLine.Command(
      name = "inspect",
      description = "Verifies a file and tells what it holds; asks no node.")
  static final class Inspect extends Verb {
    @Parameters(paramLabel = "FILE", description = "A saved snapshot.")
    Path file = Path.of("");

    @Override
    int run(ClusterClient client, Printer printer) {
      SnapshotFile snapshot = inFile(file, () -> SnapshotFile.read(file));
      var counts = new ArrayList<List<String>>();
      snapshot.entities().entrySet().stream()
          .sorted(java.util.Map.Entry.comparingByKey())
          .forEach(e -> counts.add(List.of(e.getKey(), Long.toString(e.getValue()))));
      show(printer, connection.json(), snapshot.info(), counts);
      return ExitCodes.OK;
    }
  }

  @picocli.CommandLine.Command(
      name = "restore",
      description = "Puts a saved state in the place of the cluster's; a new epoch begins.")
  static final class Restore extends Verb {
    @Parameters(paramLabel = "FILE", description = "A saved snapshot.")
    Path file = Path.of("");

    @Option(
        names = "--yes",
        required = true,
        description = "Yes, what the cluster holds now is replaced.")
    boolean yes;

    @Override
    int run(ClusterClient client, Printer printer) {
      SnapshotFile snapshot = inFile(file, () -> SnapshotFile.read(file));
      long before = epoch(client);
      for (Command command : snapshot.restore("restore-" + UUID.randomUUID())) {
        var request = ApplyCommandRequest.newBuilder().setCommand(command).build();
        client.call(c -> StateServiceGrpc.newBlockingStub(c).applyCommand(request));
      }
      long after = awaitNewEpoch(client, Math.max(before, snapshot.info().getEpoch()));
      var rows =
          List.of(
              List.of("epoch before", Long.toString(before)),
              List.of("epoch after", Long.toString(after)));
      show(printer, connection.json(), snapshot.info(), rows);
      return ExitCodes.OK;
    }

    private static long awaitNewEpoch(ClusterClient client, long passed) {
      long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
      while (System.nanoTime() < end) {
        long now = epoch(client);
        if (now > passed) {
          return now;
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
      throw new Refusal(
          Reason.NO_QUORUM,
          "the state was restored, but nobody leads in a new epoch yet; look at \"cluster"
              + " status\"");
    }

    private static long epoch(ClusterClient client) {
      var leadership =
          client.call(
              c ->
                  ElectionServiceGrpc.newBlockingStub(c)
                      .getLeadership(GetLeadershipRequest.getDefaultInstance()));
      return leadership.getLeaderId().isEmpty() ? 0 : leadership.getEpoch();
    }
  }

  private interface OnFile<T> {
    T run() throws IOException;
  }

  private static <T> T inFile(Path file, OnFile<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw Refusal.invalid("FILE", file.toString(), "a file that can be used (" + e + ")");
    }
  }

  private static void show(
      Printer printer, boolean json, SnapshotInfo info, List<List<String>> more) {
    if (json) {
      printer.json(info);
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("epoch", Long.toString(info.getEpoch())));
    rows.add(List.of("index", Long.toString(info.getIndex())));
    rows.add(List.of("state hash", info.getStateHash()));
    rows.add(List.of("bytes", Long.toString(info.getBytes())));
    rows.add(List.of("sha256", hex(info.getSha256())));
    rows.addAll(more);
    printer.table(List.of("SNAPSHOT", ""), rows);
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
