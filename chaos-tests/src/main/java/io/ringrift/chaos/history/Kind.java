package io.ringrift.chaos.history;

/// What a client asked for.
public enum Kind {
  /// Argument: the payload, unique in the run. Answer: id, state.
  SUBMIT,
  /// The client is the worker; asks for one item. Answer: id, token, state; an empty key when there
  /// was no work.
  CLAIM,
  /// Work begins under the token.
  START,
  /// Ok only when the claim was renewed; a claim that is lost is a failure.
  RENEW,
  /// Argument: the result.
  COMPLETE,
  /// The attempt failed.
  FAIL,
  /// The claim is given back unused.
  RELEASE,
  CANCEL,
  /// The key is the id of a job that the client spawned before. Answer: as of a READ_JOB.
  CANCEL_JOB,
  /// A dead letter goes back to the queue.
  REQUEUE,
  /// Argument: the level, `linearizable`, `leader` or [Operation#STALE]. Answer: state, token,
  /// worker, result, index; state `ABSENT` when there is no such item.
  READ,
  /// A short job; the key is the job's id. Argument: the name of its effect.
  SPAWN,
  /// The key is the id of a job that some client spawned before, the argument the level as of a
  /// READ. Answer: state, token of the attempt, node, [Operation#CANCEL_REQUESTED], index.
  READ_JOB,
  /// A file is fetched; the key is its path.
  SYNC,
  /// An order sent in the name of a leader; the key is the node that it is sent to, the token is
  /// the epoch that it claims. Ok means that it was obeyed.
  ORDER
}
