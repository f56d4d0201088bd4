package io.ringrift.managers.state;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.state.v1.CommandResult;
import java.util.function.Supplier;

/// What the state makes of a command before anything is changed. Deciding only reads, so that the
/// leader can decide once before it logs a command and every replica decides again when it applies
/// it.
sealed interface Decision {
  /// It cannot be done; nothing changes.
  record Refused(CommandResult result) implements Decision {}

  /// Nothing has to change, because what was asked for is so already. This is the command's answer,
  /// now and when it is repeated.
  record Settled(CommandResult result) implements Decision {}

  /// There is nothing to be had now. No answer to remember: the same command may find something
  /// later.
  record Nothing(CommandResult result) implements Decision {}

  /// The command was executed before under its request id.
  record Repeated(CommandResult result) implements Decision {}

  /// It can be done; running it changes the state. Valid until the state changes.
  record Change(Supplier<CommandResult> effect) implements Decision {}

  static Decision refused(Reason reason, String message) {
    return new Refused(
        CommandResult.newBuilder().setReason(reason.name()).setMessage(message).build());
  }

  static Refused refused(Refusal refusal) {
    return new Refused(
        CommandResult.newBuilder()
            .setReason(refusal.reason().name())
            .setMessage(refusal.text())
            .putAllDetails(refusal.details())
            .build());
  }

  static Decision invalid(String field, String value, String rule) {
    return refused(Refusal.invalid(field, value, rule));
  }
}
