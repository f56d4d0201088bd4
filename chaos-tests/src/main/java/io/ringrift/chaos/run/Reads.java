package io.ringrift.chaos.run;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.common.v1.ReadConsistency;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// What one client reads, at every level that nodes offer: as of now, from whoever leads or through
/// a node by chance; what the leader has; and what a node by chance has, however old. One thread;
/// `close` is for any.
final class Reads implements AutoCloseable {
  private static final String NOW = "linearizable";
  private static final String LEADER = "leader";
  private static final Set<Reason> ABSENT = Set.of(Reason.WORK_NOT_FOUND, Reason.JOB_NOT_FOUND);

  private final Caller caller;
  private final QueueCalls calls;
  private final Anywhere anywhere;
  private final SplittableRandom random;

  /// One read of one key.
  @FunctionalInterface
  private interface Question {
    Answer ask(Channel channel, ReadConsistency level);
  }

  Reads(Caller caller, QueueCalls calls, Anywhere anywhere, SplittableRandom random) {
    this.caller = caller;
    this.calls = calls;
    this.anywhere = anywhere;
    this.random = random;
  }

  /// @return what was told of it; empty when nobody answered
  Optional<Answer> item(String id) {
    return read(Kind.READ, id, (channel, level) -> calls.read(channel, id, level));
  }

  void job(String id) {
    var _ = read(Kind.READ_JOB, id, (channel, level) -> calls.readJob(channel, id, level));
  }

  private Optional<Answer> read(Kind kind, String key, Question question) {
    int roll = random.nextInt(10);
    if (roll < 4) {
      return told(kind, key, NOW, () -> atLeader(question, now()));
    }
    if (roll < 7) {
      return told(kind, key, NOW, () -> anywhere(question));
    }
    return roll < 8
        ? told(kind, key, LEADER, () -> atLeader(question, ReadConsistency.READ_CONSISTENCY_LEADER))
        : old(kind, key, question, anywhere.one(random));
  }

  /// What each node has of an item, one behind another.
  ///
  /// @return those that answered with the index that they told
  Map<String, Long> everywhere(String id) {
    var indexes = new LinkedHashMap<String, Long>();
    for (Anywhere.Node node : anywhere.all()) {
      old(Kind.READ, id, (channel, level) -> calls.read(channel, id, level), node)
          .ifPresent(answer -> indexes.put(node.name(), answer.index()));
    }
    return indexes;
  }

  private static ReadConsistency now() {
    return ReadConsistency.READ_CONSISTENCY_LINEARIZABLE;
  }

  private Optional<Answer> told(Kind kind, String key, String level, Supplier<Answer> how) {
    var call = caller.begin(caller.ask(kind, key).withArgument(level));
    try {
      return ok(call, how.get());
    } catch (Refusal refusal) {
      if (ABSENT.contains(refusal.reason())) {
        return ok(call, absent(key));
      }
      caller.end(call, refusal);
      return Optional.empty();
    }
  }

  private static Optional<Answer> ok(History.Call call, Answer answer) {
    call.ok(answer);
    return Optional.of(answer);
  }

  private static Answer absent(String key) {
    return new Answer(key, "ABSENT", 0, "", "");
  }

  private Answer atLeader(Question question, ReadConsistency level) {
    return caller.repeat(channel -> question.ask(channel, level));
  }

  /// What one node says by itself; most say that another leads, and then that one is asked.
  private Answer anywhere(Question question) {
    try {
      return question.ask(anywhere.one(random).channel(), now());
    } catch (StatusRuntimeException e) {
      Refusal refusal = Errors.fromStatus(e);
      if (ABSENT.contains(refusal.reason())) {
        throw refusal;
      }
      return atLeader(question, now());
    }
  }

  /// Asked once, of one node: another would have something else.
  private Optional<Answer> old(Kind kind, String key, Question question, Anywhere.Node node) {
    var call =
        caller.begin(caller.ask(kind, key).withNode(node.name()).withArgument(Operation.STALE));
    try {
      return ok(call, question.ask(node.channel(), ReadConsistency.READ_CONSISTENCY_STALE));
    } catch (StatusRuntimeException e) {
      Refusal refusal = Errors.fromStatus(e);
      if (ABSENT.contains(refusal.reason())) {
        return ok(call, absent(key));
      }
      call.unknown(refusal.reason() + ": " + refusal.text());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    anywhere.close();
  }
}
