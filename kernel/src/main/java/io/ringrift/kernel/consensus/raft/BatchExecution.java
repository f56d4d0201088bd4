package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.kernel.consensus.ledger.StateMachine;
import io.ringrift.ledger.v1.RaftOpenEpoch;
import io.ringrift.ledger.v1.RaftOutcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.ratis.server.protocol.TermIndex;

/// Turns a run of Raft entries into one call of the state machine, the same on every replica: gives
/// each its epoch, refuses commands of another epoch, and skips what the state already includes.
/// The applier's thread alone calls it.
final class BatchExecution {
  private static final RaftOutcome NOTHING = RaftOutcome.getDefaultInstance();

  private final StateMachine machine;
  private final Consumer<TermIndex> advanced;
  private final Consumer<Applied> told;
  private Optional<Applied.Office> office = Optional.empty();

  /// @param advanced called for each place before its proposer is answered
  /// @param told called once for each batch after all of it is answered
  BatchExecution(StateMachine machine, Consumer<TermIndex> advanced, Consumer<Applied> told) {
    this.machine = machine;
    this.advanced = advanced;
    this.told = told;
  }

  /// What a batch comes to.
  private static final class Plan {
    final List<LogEntry> entries = new ArrayList<>();

    /// For each item: its entry's place in `entries`, or -1.
    final List<Integer> executed = new ArrayList<>();

    /// For each item: the epoch at its place.
    final List<Epoch> epochs = new ArrayList<>();
  }

  /// @throws io.ringrift.kernel.Refusal when the disk does not take it; nothing is answered then
  void execute(List<Applier.Item> items) {
    Plan plan = plan(items);
    List<byte[]> results =
        plan.entries.isEmpty() ? List.of() : machine.apply(List.copyOf(plan.entries));
    TermIndex last = null;
    for (int i = 0; i < items.size(); i++) {
      last = place(items.get(i));
      advanced.accept(last);
      if (items.get(i) instanceof Applier.Item.Ours ours) {
        int at = plan.executed.get(i);
        ours.answer().complete(RaftEntries.message(outcome(plan.epochs.get(i), at, results)));
      }
    }
    if (last != null) {
      told.accept(at(last));
    }
  }

  /// Where the state stands when the log has been executed up to that place.
  Applied at(TermIndex last) {
    return new Applied(
        last.getTerm(), last.getIndex(), machine.applied().epoch(), office, machine.stateHash());
  }

  private static TermIndex place(Applier.Item item) {
    return switch (item) {
      case Applier.Item.Ours ours -> ours.at();
      case Applier.Item.Theirs theirs -> theirs.at();
      case Applier.Item.Job _, Applier.Item.Stop _ ->
          throw new IllegalStateException(item + " is no entry");
    };
  }

  private static RaftOutcome outcome(Epoch epoch, int at, List<byte[]> results) {
    var outcome = NOTHING.toBuilder().setEpoch(epoch.value());
    if (at >= 0) {
      outcome.setResult(com.google.protobuf.UnsafeByteOperations.unsafeWrap(results.get(at)));
    }
    return outcome.build();
  }

  private Plan plan(List<Applier.Item> items) {
    var plan = new Plan();
    LogPosition done = machine.applied();
    Epoch epoch = done.epoch();
    for (Applier.Item item : items) {
      int at = -1;
      if (item instanceof Applier.Item.Ours ours) {
        boolean fresh = ours.at().getIndex() > done.index();
        if (fresh && opens(ours)) {
          epoch = next(epoch, ours.entry().getOpenEpoch());
          at = add(plan, opening(ours, epoch));
        } else if (fresh && ours.entry().hasCommand() && speaksOf(ours, epoch)) {
          at = add(plan, command(ours, epoch));
        }
        if (opens(ours) || speaksOf(ours, epoch)) {
          office = Optional.of(new Applied.Office(ours.at().getTerm(), epoch));
        }
      }
      plan.executed.add(at);
      plan.epochs.add(epoch);
    }
    return plan;
  }

  private static int add(Plan plan, LogEntry entry) {
    plan.entries.add(entry);
    return plan.entries.size() - 1;
  }

  /// An offer that was delayed into another term opens nothing.
  private static boolean opens(Applier.Item.Ours ours) {
    return ours.entry().hasOpenEpoch()
        && ours.entry().getOpenEpoch().getTerm() == ours.at().getTerm();
  }

  /// Who proposes in an epoch holds its office, in the Raft term of the entry.
  private static boolean speaksOf(Applier.Item.Ours ours, Epoch epoch) {
    return switch (ours.entry().getKindCase()) {
      case COMMAND -> ours.entry().getCommand().getEpoch() == epoch.value();
      case MARK -> ours.entry().getMark().getEpoch() == epoch.value();
      case OPEN_EPOCH, RELEASE, KIND_NOT_SET -> false;
    };
  }

  private static Epoch next(Epoch epoch, RaftOpenEpoch open) {
    return epoch.max(new Epoch(open.getAtLeast())).next();
  }

  private static LogEntry opening(Applier.Item.Ours ours, Epoch epoch) {
    var open = ours.entry().getOpenEpoch();
    return new LogEntry(
        new LogPosition(epoch, ours.at().getIndex()),
        LogEntry.Kind.OPEN_EPOCH,
        open.getLeaderId().getBytes(StandardCharsets.UTF_8));
  }

  private static LogEntry command(Applier.Item.Ours ours, Epoch epoch) {
    return new LogEntry(
        new LogPosition(epoch, ours.at().getIndex()),
        LogEntry.Kind.COMMAND,
        ours.entry().getCommand().getPayload().toByteArray());
  }
}
