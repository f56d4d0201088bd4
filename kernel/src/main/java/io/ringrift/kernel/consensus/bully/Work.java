package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.ledger.Ledger.Applied;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// What waits in the driver's inbox.
sealed interface Work {
  int GROUP = 512;
  long GROUP_BYTES = 1 << 20;

  record Peer(NodeId from, Message message) implements Work {}

  record Offer(Epoch epoch, byte[] command, CompletableFuture<Applied> future) implements Work {}

  record Read(CompletableFuture<Long> future) implements Work {}

  record StepDown(String cause, CompletableFuture<Epoch> future) implements Work {}

  record Transfer(Optional<NodeId> target, CompletableFuture<NodeId> future) implements Work {}

  /// Nothing to do but look at the flags.
  record Wake() implements Work {}

  /// Bytes that it keeps in memory, beside a little.
  default long bytes() {
    return switch (this) {
      case Peer(var _, Message.Append append) -> bytes(append.entries());
      case Peer(var _, Message.Tail tail) -> bytes(tail.entries());
      case Peer(var _, Message.InstallSnapshot snapshot) -> snapshot.data().length;
      case Peer _ -> 0;
      case Offer offer -> offer.command().length;
      case Read _, StepDown _, Transfer _, Wake _ -> 0;
    };
  }

  /// Ends it without its work; what nobody waits for is forgotten.
  default void refuse(Refusal refusal) {
    switch (this) {
      case Offer offer -> offer.future().completeExceptionally(refusal);
      case Read read -> read.future().completeExceptionally(refusal);
      case StepDown stepDown -> stepDown.future().completeExceptionally(refusal);
      case Transfer transfer -> transfer.future().completeExceptionally(refusal);
      case Peer _, Wake _ -> {}
    }
  }

  /// End of the commands that are offered to the core together: one too many of them is refused
  /// with all of them, so they are few and small.
  static int groupEnd(List<byte[]> commands, int from) {
    int to = from;
    long sum = 0;
    while (to < commands.size() && to - from < GROUP && (to == from || sum < GROUP_BYTES)) {
      sum += commands.get(to++).length;
    }
    return to;
  }

  private static long bytes(List<LogEntry> entries) {
    long sum = 0;
    for (LogEntry entry : entries) {
      sum += entry.payload().length;
    }
    return sum;
  }
}
