package io.ringrift.managers.queue;

import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.LeaderHint;
import io.ringrift.queue.v1.WorkAnswer;
import io.ringrift.queue.v1.WorkCall;
import io.ringrift.queue.v1.WorkCallRefusal;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.CommandResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The calls of one message: those that pass their checks go to the state together, and each is
/// answered for itself. Any thread.
final class StreamedCalls {
  private static final Logger LOG = LoggerFactory.getLogger(StreamedCalls.class);
  private static final int MOST_CALLS = 256;

  private final StateClient state;
  private final LeaderHint hint;
  private final ClaimDesk desk;
  private final JobChecks jobs;
  private final QueueConfig config;

  StreamedCalls(
      StateClient state, LeaderHint hint, ClaimDesk desk, JobChecks jobs, QueueConfig config) {
    this.state = state;
    this.hint = hint;
    this.desk = desk;
    this.jobs = jobs;
    this.config = config;
  }

  /// What came of a message.
  ///
  /// @param waiting claims that found nothing and want to wait for work
  record Outcome(List<WorkAnswer> answers, List<WorkCall> waiting) {
    private void take(WorkCall call, CommandResult result) {
      boolean waits =
          call.hasClaim()
              && result.getReason().isEmpty()
              && result.getItemsCount() == 0
              && WorkChecks.millis(call.getClaim().getWait()) > 0;
      if (waits) {
        waiting.add(call);
      } else {
        answers.add(answer(call, result));
      }
    }
  }

  /// Blocks its (virtual) thread until the ledger has dealt with the calls.
  ///
  /// @throws Refusal INVALID_ARGUMENT for a message without calls or with too many
  Outcome run(List<WorkCall> calls) {
    WorkChecks.range("calls", calls.size(), 1, MOST_CALLS);
    var outcome = new Outcome(new ArrayList<>(), new ArrayList<>());
    var asked = new ArrayList<WorkCall>();
    var commands = new ArrayList<Command>();
    for (WorkCall call : calls) {
      try {
        commands.add(command(call).build());
        asked.add(call);
      } catch (Refusal refusal) {
        outcome.answers().add(refused(call, refusal));
      }
    }
    try {
      List<CommandResult> results = apply(commands);
      for (int i = 0; i < asked.size(); i++) {
        outcome.take(asked.get(i), results.get(i));
      }
    } catch (Refusal refusal) {
      asked.forEach(call -> outcome.answers().add(refused(call, refusal)));
    }
    return outcome;
  }

  private List<CommandResult> apply(List<Command> commands) {
    if (commands.isEmpty()) {
      return List.of();
    }
    hint.requireLeader();
    try {
      return state.applyAll(commands);
    } catch (StatusRuntimeException failure) {
      throw Errors.fromStatus(failure);
    }
  }

  /// Waits for work as long as the claim says. Blocks its (virtual) thread.
  WorkAnswer await(WorkCall claim) {
    try {
      var found = desk.awaitWork(claim.getClaim(), Context.current()::isCancelled);
      if (found.getItemsCount() == 0) {
        hint.requireLeader();
      }
      return of(claim).setClaim(found).build();
    } catch (Refusal refusal) {
      return refused(claim, refusal);
    } catch (StatusRuntimeException failure) {
      return refused(claim, Errors.fromStatus(failure));
    } catch (RuntimeException e) {
      LOG.error("a claim that waited failed", e);
      String text = "internal error; the node's log has the cause";
      return refused(claim, new Refusal(Reason.INTERNAL, text));
    }
  }

  private Command.Builder command(WorkCall call) {
    return switch (call.getCallCase()) {
      case SUBMIT -> {
        var command = WorkCommands.submit(call.getSubmit());
        jobs.check(call.getSubmit().getItemsList());
        yield command;
      }
      case CLAIM -> {
        WorkChecks.claim(call.getClaim(), config.longestWait().toMillis());
        yield desk.command(call.getClaim());
      }
      case START -> WorkCommands.start(call.getStart());
      case RENEW -> WorkCommands.renew(call.getRenew());
      case COMPLETE -> WorkCommands.complete(call.getComplete());
      case FAIL -> WorkCommands.fail(call.getFail());
      case RELEASE -> WorkCommands.release(call.getRelease());
      case CALL_NOT_SET -> throw Refusal.invalid("call", "", "one of the calls of a work stream");
    };
  }

  private static WorkAnswer.Builder of(WorkCall call) {
    return WorkAnswer.newBuilder().setCallId(call.getCallId());
  }

  private static WorkAnswer answer(WorkCall call, CommandResult result) {
    if (!result.getReason().isEmpty()) {
      return refused(call, result.getReason(), result.getMessage(), result.getDetailsMap());
    }
    var answer = of(call);
    switch (call.getCallCase()) {
      case SUBMIT -> answer.setSubmit(WorkCommands.submitted(result));
      case CLAIM -> answer.setClaim(WorkCommands.claimed(result));
      case START -> answer.setStart(WorkCommands.started(result));
      case RENEW -> answer.setRenew(WorkCommands.renewed(result));
      case COMPLETE -> answer.setComplete(WorkCommands.completed(result));
      case FAIL -> answer.setFail(WorkCommands.failed(result));
      case RELEASE -> answer.setRelease(WorkCommands.released(result));
      case CALL_NOT_SET -> throw new IllegalStateException("a call that was refused before");
    }
    return answer.build();
  }

  private static WorkAnswer refused(WorkCall call, Refusal refusal) {
    return refused(call, refusal.reason().name(), refusal.text(), refusal.details());
  }

  private static WorkAnswer refused(
      WorkCall call, String reason, String message, Map<String, String> details) {
    return of(call)
        .setRefused(
            WorkCallRefusal.newBuilder()
                .setReason(reason)
                .setMessage(message)
                .putAllDetails(details))
        .build();
  }
}
