package io.ringrift.chaos.run;

import io.grpc.Channel;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.node.client.ClusterClient;
import io.ringrift.state.v1.ApplyCommandsRequest;
import io.ringrift.state.v1.ApplyCommandsResponse;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.StateServiceGrpc;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Makes the log of the ledger heavy, so that voters take snapshots. In mode bully these come after
/// ten thousand entries or a share of the heap in bytes. Entries come one a commit, and what is
/// asked meanwhile shares the next, so that no load makes them come faster than commits do: on a
/// busy machine ten thousand take minutes, the bytes a few dozen commits. What is put in are
/// events, of which the state keeps a bounded number. One thread.
final class LogFiller implements AutoCloseable {
  /// Under the 768 KiB of one entry together, and under the 8 KiB of an event each.
  private static final int COMMANDS = 100;

  private static final int BYTES = 7_000;

  /// Twice what nodes of the suite keep in memory.
  private static final int MOST = 72;

  private static final Duration TRY = Duration.ofSeconds(5);

  private final ClusterClient cluster;
  private final ApplyCommandsRequest entry;
  private int added;

  LogFiller(List<Endpoint> nodes) {
    this.cluster = new ClusterClient(nodes, Optional.empty(), TRY);
    var event =
        RecordEvent.newBuilder().setKind("CHAOS_FILLER").putAttributes("filler", "x".repeat(BYTES));
    this.entry =
        ApplyCommandsRequest.newBuilder()
            .addAllCommands(
                Collections.nCopies(COMMANDS, Command.newBuilder().setRecordEvent(event).build()))
            .build();
  }

  /// One entry more, until there are enough; nothing when nobody takes it.
  void add() {
    if (added >= MOST) {
      return;
    }
    try {
      var _ = cluster.call(this::taken);
      added++;
    } catch (Refusal electing) {
      // Whoever waits asks again.
    }
  }

  /// A node that does not lead answers, and refuses each command: then another is to be asked.
  private ApplyCommandsResponse taken(Channel node) {
    var told = StateServiceGrpc.newBlockingStub(node).applyCommands(entry);
    for (CommandResult result : told.getResultsList()) {
      if (!result.getReason().isEmpty()) {
        throw Errors.toStatus(new Refusal(reason(result.getReason()), result.getMessage()));
      }
    }
    return told;
  }

  /// A node of a later version may have reasons that are unknown here.
  private static Reason reason(String told) {
    return Arrays.stream(Reason.values())
        .filter(reason -> reason.name().equals(told))
        .findFirst()
        .orElse(Reason.INTERNAL);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
