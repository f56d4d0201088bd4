package io.ringrift.chaos.history;

/// One call of a client from its first try to its last answer. A call repeated under one request id
/// is one operation.
///
/// @param number place in the history, from 0
/// @param client who called; also the worker of claims and of reports on claims
/// @param node who was asked; empty when any
/// @param request id that makes the call repeatable; empty when there is none
/// @param key id of the item; empty for submits and claims without an answer
/// @param token claim under which a report is made, or the epoch of an order; 0 when there is none
/// @param argument see `Kind`
/// @param answer what an ok operation was told
/// @param reason why it failed or is unknown; empty when ok
/// @param invokedNanos since the run's start
/// @param returnedNanos as above; `NEVER` when no answer came
public record Operation(
    int number,
    String client,
    String node,
    Kind kind,
    String request,
    String key,
    long token,
    String argument,
    Outcome outcome,
    Answer answer,
    String reason,
    long invokedNanos,
    long returnedNanos) {
  /// Reason of a renewal that was refused because the claim is its worker's no more.
  public static final String CLAIM_LOST = "the claim is lost";

  /// Level of a read that a node answers from what it has, however old that is.
  public static final String STALE = "stale";

  /// Text of an answer about a job whose cancel was accepted.
  public static final String CANCEL_REQUESTED = "cancel requested";

  /// Return of an operation that has no answer.
  public static final long NEVER = Long.MAX_VALUE;

  public boolean ok() {
    return outcome == Outcome.OK;
  }

  public boolean reads() {
    return kind == Kind.READ || kind == Kind.READ_JOB;
  }

  /// A read that was asked for what the node has.
  public boolean mayBeOld() {
    return reads() && argument.equals(STALE);
  }

  /// One line for people: number, times in seconds, client, kind, item, token, what was told.
  @Override
  public String toString() {
    return "#%d [%.3f s, %s] %s %s %s%s%s: %s"
        .formatted(
            number,
            invokedNanos / 1e9,
            returnedNanos == NEVER ? "no answer" : "%.3f s".formatted(returnedNanos / 1e9),
            client,
            reads() ? kind + " (" + argument + ")" : kind,
            key.isEmpty() ? request : key,
            token == 0 ? "" : " token " + token,
            node.isEmpty() ? "" : " at " + node,
            told());
  }

  private String told() {
    return switch (outcome) {
      case OK ->
          "ok%s%s%s%s"
              .formatted(
                  answer.state().isEmpty() ? "" : " " + answer.state(),
                  answer.token() == 0 ? "" : " token " + answer.token(),
                  answer.worker().isEmpty() ? "" : " held by " + answer.worker(),
                  answer.index() == 0 ? "" : " as of index " + answer.index());
      case FAIL -> "refused: " + reason;
      case UNKNOWN -> "unknown: " + reason;
    };
  }
}
