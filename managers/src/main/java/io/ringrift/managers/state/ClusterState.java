package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.ringrift.event.v1.Event;
import io.ringrift.job.v1.Job;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.consensus.ledger.LogPosition;
import io.ringrift.queue.v1.WorkItem;
import io.ringrift.rating.v1.Match;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import io.ringrift.state.v1.MaintainQueue;
import io.ringrift.state.v1.RecordEvent;
import io.ringrift.state.v1.StoredClock;
import io.ringrift.state.v1.StoredDrain;
import io.ringrift.state.v1.StoredHour;
import io.ringrift.state.v1.StoredRequest;
import io.ringrift.state.v1.StoredRestore;
import io.ringrift.training.v1.Gate;
import io.ringrift.training.v1.Model;
import io.ringrift.training.v1.Promotion;
import io.ringrift.training.v1.TrainingRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// The replicated state. `apply` is deterministic and total: the same commands in the same order
/// give the same state and the same results on every replica, and a command that cannot be done
/// answers with a refusal and changes nothing but the clock.
@Pure
final class ClusterState {
  private static final int MOST_EVENT_BYTES = 8 * 1024;
  private static final Pattern KIND = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

  private final Changes changes = new Changes();
  private final StateClock clock = new StateClock(changes);
  private final EventRing events = new EventRing(changes, clock);
  private final RequestTable requests = new RequestTable(changes);
  private final DrainSet drains = new DrainSet(changes, events);
  private final HourCounter hours = new HourCounter(changes);
  private final JobTable jobs = new JobTable(changes);
  private final MatchTable matches = new MatchTable(changes, clock);
  private final Learning learning = new Learning(changes, clock, events);
  private final WorkTable work = new WorkTable(changes, learning::awaits);
  private final RestoreArea restores = new RestoreArea(changes);
  private final SwitchActions switches = new SwitchActions(clock, events);
  private final VoterActions voterActions = new VoterActions(clock, events);
  private final Room room = new Room(jobs, work);
  private final JobActions jobActions = new JobActions(jobs, drains, clock, events, hours);
  private final WorkMoves moves = new WorkMoves(work, clock, events);
  private final WorkActions workActions = new WorkActions(work, clock, moves);
  private final ClaimActions claimActions = new ClaimActions(work, drains, clock, moves);

  /// Executes one command of the ledger.
  CommandResult apply(Command command, LogPosition at) {
    events.at(at.index());
    if (command.getEpoch() < clock.epoch()) {
      return stamped(stale(command), at);
    }
    clock.advance(command.getLedgerMillis(), command.getWallMillis());
    return switch (decide(command, at.index(), clock.ledgerMillis())) {
      case Decision.Refused(var result) -> stamped(result, at);
      case Decision.Nothing(var result) -> stamped(result, at);
      case Decision.Repeated(var result) -> result;
      case Decision.Settled(var result) -> remembered(command, stamped(result, at));
      case Decision.Change(var effect) -> remembered(command, stamped(effect.get(), at));
    };
  }

  private CommandResult remembered(Command command, CommandResult result) {
    if (!command.getRequestId().isEmpty()) {
      requests.remember(command.getRequestId(), command.getBodyDigest(), result);
    }
    return result;
  }

  /// A new leader's first entry: its epoch is the greatest now, and held claims begin a new lease.
  void openEpoch(LogPosition at, String leader) {
    events.at(at.index());
    long before = clock.epoch();
    long epoch = at.epoch().value();
    if (epoch <= before) {
      return;
    }
    clock.openEpoch(epoch);
    switches.newLeader();
    String number = Long.toString(epoch);
    events.add(
        "EPOCH_ADVANCED", leader, Map.of("old_epoch", Long.toString(before), "new_epoch", number));
    events.add(
        "LEADER_ELECTED", leader, Map.of("leader_id", leader, "epoch", number, "term", number));
    claimActions.restartLeases();
  }

  /// Takes the place of another state: what must never fall goes on from there, events that would
  /// be newer than the present are dropped, and the command that ordered it is remembered here.
  CommandResult replace(ClusterState replaced, Command command, LogPosition at) {
    clock.outrun(replaced.clock);
    clock.advance(command.getLedgerMillis(), command.getWallMillis());
    events.forgetFrom(at.index());
    events.at(at.index());
    String id = command.getEndRestore().getRestoreId();
    events.add("STATE_RESTORED", id, Map.of("restore_id", id));
    return remembered(command, stamped(CommandResult.getDefaultInstance(), at));
  }

  /// What the command would be answered without changing anything: a refusal, a repeat, or that
  /// there is nothing to do. Empty when it has to go through the ledger; so has what changes
  /// nothing under a request id, or its repetition might change something later.
  Optional<CommandResult> preview(Command command) {
    if (command.getEpoch() < clock.epoch()) {
      return Optional.of(stale(command));
    }
    if (switches.holds(command).isPresent()) {
      return Optional.empty(); // it waits, because the change may be given up
    }
    return switch (decide(command, 0, clock.after(command.getLedgerMillis()))) {
      case Decision.Refused(var result) -> Optional.of(result);
      case Decision.Nothing(var result) -> Optional.of(result);
      case Decision.Repeated(var result) -> Optional.of(result);
      case Decision.Settled(var result) ->
          command.getRequestId().isEmpty() ? Optional.of(result) : Optional.empty();
      case Decision.Change _ -> Optional.empty();
    };
  }

  private Decision decide(Command command, long index, long ledgerMillis) {
    if (command.getRequestId().length() > 128) {
      return Decision.invalid("request_id", command.getRequestId(), "at most 128 characters");
    }
    return requests
        .judge(command)
        .or(() -> switches.holds(command))
        .orElseGet(() -> decideNew(command, index, ledgerMillis));
  }

  private Decision decideNew(Command command, long index, long ledgerMillis) {
    return switch (command.getActionCase()) {
      case ADD_JOB ->
          room.refuses(command.getAddJob()).orElseGet(() -> jobActions.add(command.getAddJob()));
      case ASSIGN_JOB -> jobActions.assign(command.getAssignJob(), command.getEpoch());
      case UNASSIGN_JOB -> jobActions.unassign(command.getUnassignJob());
      case REPORT_JOB -> jobActions.report(command.getReportJob().getReport());
      case CANCEL_JOB -> jobActions.cancel(command.getCancelJob().getJobId());
      case EXPIRE_JOBS -> jobActions.expire(command.getExpireJobs());
      case LOSE_JOBS -> jobActions.lose(command.getLoseJobs());
      case ADD_WORK ->
          room.refuses(command.getAddWork()).orElseGet(() -> workActions.add(command.getAddWork()));
      case CLAIM_WORK ->
          claimActions.claim(command.getClaimWork(), command.getEpoch(), ledgerMillis);
      case UPDATE_CLAIM -> claimActions.update(command.getUpdateClaim());
      case RENEW_CLAIMS -> claimActions.renew(command.getRenewClaims());
      case MAINTAIN_QUEUE -> maintain(command.getMaintainQueue(), ledgerMillis);
      case CANCEL_WORK -> workActions.cancel(command.getCancelWork().getWorkId());
      case REQUEUE_WORK -> workActions.requeue(command.getRequeueWork().getWorkId());
      case SET_DRAIN -> drains.decide(command.getSetDrain(), index, ledgerMillis);
      case RECORD_MATCHES -> matches.record(command.getRecordMatches(), ledgerMillis);
      case BEGIN_TRAINING,
          END_TRAINING,
          OPEN_GATE,
          ADD_GATE_RESULT,
          HOLD_GATE,
          PROMOTE_MODEL,
          ROLL_BACK_MODEL ->
          learning.decide(command);
      case RECORD_EVENT -> recordEvent(command.getRecordEvent());
      case BEGIN_RESTORE -> restores.begin(command.getBeginRestore());
      case ADD_RESTORE_CHUNK -> restores.add(command.getAddRestoreChunk());
      case END_RESTORE -> restores.end(command.getEndRestore());
      case FOUND -> found();
      case SEAL -> voterActions.refusesSwitch().orElseGet(() -> switches.seal(command.getSeal()));
      case UNSEAL -> switches.unseal(command.getUnseal().getSwitchId());
      case SWITCH_MODE -> switches.complete(command.getSwitchMode());
      case BEGIN_VOTER_CHANGE -> voterActions.begin(command.getBeginVoterChange());
      case END_VOTER_CHANGE -> voterActions.end(command.getEndVoterChange());
      case UNDO_VOTER_CHANGE -> voterActions.undo(command.getUndoVoterChange().getChangeId());
      case ACTION_NOT_SET -> Decision.invalid("action", "", "one of the actions of a command");
    };
  }

  private Decision maintain(MaintainQueue command, long ledgerMillis) {
    Decision queue = workActions.maintain(command, ledgerMillis);
    List<String> over = drains.over(ledgerMillis);
    return over.isEmpty()
        ? queue
        : new Decision.Change(
            () -> {
              over.forEach(drains::lift);
              return queue instanceof Decision.Change(var effect)
                  ? effect.get()
                  : CommandResult.getDefaultInstance();
            });
  }

  private Decision found() {
    return clock.founded()
        ? new Decision.Settled(CommandResult.getDefaultInstance())
        : new Decision.Change(
            () -> {
              clock.found();
              return CommandResult.getDefaultInstance();
            });
  }

  private Decision recordEvent(RecordEvent event) {
    if (!KIND.matcher(event.getKind()).matches()) {
      return Decision.invalid("kind", event.getKind(), "UPPER_SNAKE, at most 64 characters");
    }
    if (event.getSerializedSize() > MOST_EVENT_BYTES) {
      return Decision.invalid(
          "event", event.getSerializedSize() + " bytes", "at most " + MOST_EVENT_BYTES + " bytes");
    }
    return new Decision.Change(
        () -> {
          events.add(event.getKind(), event.getSubject(), event.getAttributesMap());
          return CommandResult.getDefaultInstance();
        });
  }

  private CommandResult stale(Command command) {
    return CommandResult.newBuilder()
        .setReason(Reason.STALE_EPOCH.name())
        .setMessage(
            "command of epoch "
                + command.getEpoch()
                + " refused: epoch "
                + clock.epoch()
                + " has begun; ask who leads and try again there")
        .putDetails("current_epoch", Long.toString(clock.epoch()))
        .build();
  }

  private static CommandResult stamped(CommandResult result, LogPosition at) {
    return result.toBuilder().setIndex(at.index()).build();
  }

  /// Takes one stored entity over; work items are handed to `loadWork` together, because they refer
  /// to each other.
  void load(Family family, ByteString value) throws InvalidProtocolBufferException {
    switch (family) {
      case CLOCK -> clock.load(StoredClock.parseFrom(value));
      case DRAINS -> drains.load(StoredDrain.parseFrom(value));
      case EVENTS -> events.load(Event.parseFrom(value));
      case GATES -> learning.load(Gate.parseFrom(value));
      case HOURS -> hours.load(StoredHour.parseFrom(value));
      case MATCHES -> matches.load(Match.parseFrom(value));
      case MODELS -> learning.load(Model.parseFrom(value));
      case PROMOTIONS -> learning.load(Promotion.parseFrom(value));
      case TRAININGS -> learning.load(TrainingRun.parseFrom(value));
      case JOBS -> jobs.load(Job.parseFrom(value));
      case REQUESTS -> requests.load(StoredRequest.parseFrom(value));
      case RESTORE -> restores.load(StoredRestore.parseFrom(value));
      case WORK -> loading.add(WorkItem.parseFrom(value));
    }
  }

  private final List<WorkItem> loading = new ArrayList<>();

  /// Ends loading.
  void loaded() {
    work.load(loading);
    loading.clear();
  }

  Changes changes() {
    return changes;
  }

  StateClock clock() {
    return clock;
  }

  EventRing events() {
    return events;
  }

  RequestTable requests() {
    return requests;
  }

  DrainSet drains() {
    return drains;
  }

  RestoreArea restores() {
    return restores;
  }

  HourCounter hours() {
    return hours;
  }

  MatchTable matches() {
    return matches;
  }

  Learning learning() {
    return learning;
  }

  JobTable jobs() {
    return jobs;
  }

  WorkTable work() {
    return work;
  }
}
