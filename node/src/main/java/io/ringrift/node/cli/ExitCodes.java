package io.ringrift.node.cli;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;

/// Exit codes, as docs/OPERATING.md lists them.
final class ExitCodes {
  static final int OK = 0;

  /// The cluster refused, or the thing asked for did not come about.
  static final int FAILED = 1;

  /// Bad usage or bad input; nothing was changed.
  static final int USAGE = 2;

  /// Nobody answers, or nobody leads.
  static final int UNAVAILABLE = 3;

  /// No such job, item, node or loop.
  static final int NOT_FOUND = 4;

  private ExitCodes() {}

  static int of(Refusal refusal) {
    if (refusal.reason() == Reason.SHUTTING_DOWN) {
      return UNAVAILABLE;
    }
    return switch (refusal.reason().status()) {
      case "INVALID_ARGUMENT" -> USAGE;
      case "UNAVAILABLE", "DEADLINE_EXCEEDED" -> UNAVAILABLE;
      case "NOT_FOUND" -> NOT_FOUND;
      default -> refusal.reason() == Reason.NOT_LEADER ? UNAVAILABLE : FAILED;
    };
  }
}
