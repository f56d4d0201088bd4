package io.ringrift.managers.state;

import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.state.v1.BeginVoterChange;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.EndVoterChange;
import io.ringrift.state.v1.VoterEntry;
import io.ringrift.state.v1.VoterList;
import io.ringrift.state.v1.VoterRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Changes of the voters as the replicated state sees them: one at a time, by one voter, each with
/// a greater number than any before, those that were given up included.
@Pure
final class VoterActions {
  private static final int MOST_VOTERS = 31;

  private final StateClock clock;
  private final EventRing events;

  VoterActions(StateClock clock, EventRing events) {
    this.clock = clock;
    this.events = events;
  }

  Decision begin(BeginVoterChange command) {
    String id = command.getChangeId();
    List<VoterEntry> wanted = command.getVoters().getVotersList();
    if (id.isEmpty() || id.length() > 128) {
      return Decision.invalid("change_id", id, "1 to 128 characters");
    }
    if (!clock.voters().getChangeId().isEmpty()) {
      return Decision.refused(
          Reason.VOTERS_REFUSED,
          "another change of the voters is under way, to "
              + names(clock.voters().getPending())
              + "; wait for it");
    }
    Set<String> wantedNames = names(command.getVoters());
    if (wanted.isEmpty() || wanted.size() > MOST_VOTERS || wantedNames.size() != wanted.size()) {
      return Decision.invalid("voters", wantedNames.toString(), "1 to 31, each named once");
    }
    for (VoterEntry voter : wanted) {
      var fault = VoterLists.fault(voter);
      if (fault.isPresent()) {
        return Decision.refused(fault.get());
      }
    }
    Set<String> present = names(clock.voters().getDecided());
    if (!present.isEmpty() && distance(present, wantedNames) != 1) {
      return Decision.invalid(
          "voters", wantedNames.toString(), "one voter more or one less than " + present);
    }
    return done(() -> beginNow(id, wanted));
  }

  private void beginNow(String id, List<VoterEntry> wanted) {
    long version = clock.voters().getLastVersion() + 1;
    String before = clock.voters().getDecided().getLineage();
    clock.voters(
        clock.voters().toBuilder()
            .setChangeId(id)
            .setPending(
                VoterList.newBuilder()
                    .setVersion(version)
                    .setLineage(before.isEmpty() ? id : before)
                    .addAllVoters(wanted))
            .setLastVersion(version)
            .build());
  }

  /// Two majorities share a voter only when their lists differ by one voter at most: what an older
  /// list's majority decides must not come behind a newer list.
  Decision end(EndVoterChange command) {
    long decided = clock.voters().getDecided().getVersion();
    if (command.getByVersion() != decided) {
      return Decision.refused(
          Reason.VOTERS_REFUSED,
          "list "
              + command.getByVersion()
              + " of the voters cannot be followed by another: list "
              + decided
              + " was decided since; nothing was changed, try again");
    }
    return present(command.getChangeId()).orElseGet(() -> done(this::endNow));
  }

  private void endNow() {
    VoterList decided = clock.voters().getPending();
    clock.voters(over().setDecided(decided).build());
    events.add(
        "VOTERS_CHANGED",
        Long.toString(decided.getVersion()),
        Map.of("voters", String.join(",", names(decided))));
  }

  Decision undo(String id) {
    return present(id).orElseGet(() -> done(() -> clock.voters(over().build())));
  }

  /// The refusal of a change of mode while the voters change.
  Optional<Decision> refusesSwitch() {
    return clock.voters().getChangeId().isEmpty()
        ? Optional.empty()
        : Optional.of(
            Decision.refused(
                Reason.SWITCH_REFUSED, "the voters are being changed; repeat it in a moment"));
  }

  private VoterRecord.Builder over() {
    return clock.voters().toBuilder().clearPending().clearChangeId();
  }

  private Optional<Decision> present(String id) {
    return !id.isEmpty() && clock.voters().getChangeId().equals(id)
        ? Optional.empty()
        : Optional.of(Decision.invalid("change_id", id, "the id of the change that is under way"));
  }

  private static Set<String> names(VoterList list) {
    return list.getVotersList().stream()
        .map(VoterEntry::getNodeId)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static int distance(Set<String> one, Set<String> other) {
    var all = new HashSet<>(one);
    all.addAll(other);
    all.removeIf(name -> one.contains(name) && other.contains(name));
    return all.size();
  }

  private static Decision done(Runnable change) {
    return new Decision.Change(
        () -> {
          change.run();
          return CommandResult.getDefaultInstance();
        });
  }
}
