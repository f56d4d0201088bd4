package io.ringrift.chaos.check;

import io.ringrift.chaos.evidence.AuditRecord;
import io.ringrift.chaos.evidence.Effect;
import io.ringrift.chaos.evidence.EvidenceRecorder;
import io.ringrift.chaos.evidence.Expectations;
import io.ringrift.chaos.evidence.FaultBand;
import io.ringrift.chaos.evidence.ItemFinal;
import io.ringrift.chaos.evidence.NodeEvent;
import io.ringrift.chaos.evidence.NodeFinal;
import io.ringrift.chaos.evidence.RoleSample;
import io.ringrift.chaos.evidence.RunEvidence;
import io.ringrift.chaos.evidence.Setting;
import io.ringrift.chaos.evidence.Source;
import io.ringrift.chaos.evidence.ViewSample;
import io.ringrift.chaos.history.Answer;
import io.ringrift.chaos.history.History;
import io.ringrift.chaos.history.Kind;
import io.ringrift.chaos.history.Operation;
import io.ringrift.chaos.history.Outcome;
import io.ringrift.chaos.history.RunClock;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Evidence told in seconds, for tests. Leases are 10 s, nodes n1 to n3 are the voters.
public final class Story {
  static final Duration LEASE = Duration.ofSeconds(10);
  private static final Answer NONE = new Answer("", "", 0, "", "");
  private static final String STALE = "STALE_CLAIM: not yours";
  private static final List<String> VOTERS = List.of("n1", "n2", "n3");

  private final List<Operation> operations = new ArrayList<>();
  private final EvidenceRecorder recorder;
  private Expectations expectations = Expectations.NONE;
  private long dropped;
  private String refusal = STALE;
  private long audits;
  private String description = "three nodes";
  private String ground = "sim";
  private final List<String> nodes = new ArrayList<>(VOTERS);
  private String membership = "http";
  private String consensus = "bully";

  public Story() {
    this(1000);
  }

  /// @param capacity of each list of the evidence
  public Story(int capacity) {
    recorder = new EvidenceRecorder(capacity);
  }

  public static long nanos(double seconds) {
    return (long) (seconds * 1e9);
  }

  public Story submit(String item, double from, double to) {
    return ok(
        "c", Kind.SUBMIT, item, 0, "payload of " + item, answer(item, "PENDING", 0, ""), from, to);
  }

  public Story claim(String worker, String item, long token, double from, double to) {
    return ok(worker, Kind.CLAIM, item, 0, "", answer(item, "CLAIMED", token, worker), from, to);
  }

  public Story renew(String worker, String item, long token, double from, double to) {
    return ok(worker, Kind.RENEW, item, token, "", answer(item, "", 0, ""), from, to);
  }

  public Story complete(
      String worker, String item, long token, String result, double from, double to) {
    return ok(
        worker,
        Kind.COMPLETE,
        item,
        token,
        result,
        answer(item, "COMPLETED", token, worker),
        from,
        to);
  }

  public Story cancel(String item, double from, double to) {
    return ok("c", Kind.CANCEL, item, 0, "", answer(item, "CANCELLED", 0, ""), from, to);
  }

  public Story read(String item, String state, long token, String worker, double from, double to) {
    return ok(
        "r", Kind.READ, item, 0, "linearizable", answer(item, state, token, worker), from, to);
  }

  /// A read of what that node has, of an index of the ledger.
  public Story old(String node, Answer told, double from, double to) {
    return add("r", node, Kind.READ, told.key(), 0, "stale", Outcome.OK, told, from, to);
  }

  public Story ok(
      String client,
      Kind kind,
      String item,
      long token,
      String argument,
      Answer answer,
      double from,
      double to) {
    return add(client, "n1", kind, item, token, argument, Outcome.OK, answer, from, to);
  }

  public Story order(String node, long epoch, Outcome outcome, double from, double to) {
    return add("hostile", node, Kind.ORDER, node, epoch, "", outcome, NONE, from, to);
  }

  /// An order in the name of a node.
  public Story order(
      String node, long epoch, String leader, Outcome outcome, double from, double to) {
    return add("hostile", node, Kind.ORDER, node, epoch, leader, outcome, NONE, from, to);
  }

  public Story unknown(
      String client, Kind kind, String item, long token, String argument, double from) {
    return add(client, "n1", kind, item, token, argument, Outcome.UNKNOWN, NONE, from, Double.NaN);
  }

  public Story stale(String client, Kind kind, String item, long token, double from, double to) {
    return refused(STALE, client, kind, item, token, from, to);
  }

  public Story refused(
      String reason, String client, Kind kind, String item, long token, double from, double to) {
    refusal = reason;
    add(client, "n1", kind, item, token, "", Outcome.FAIL, NONE, from, to);
    refusal = STALE;
    return this;
  }

  private Story add(
      String client,
      String node,
      Kind kind,
      String item,
      long token,
      String argument,
      Outcome outcome,
      Answer answer,
      double from,
      double to) {
    String reason =
        switch (outcome) {
          case OK -> "";
          case FAIL -> refusal;
          case UNKNOWN -> "timeout";
        };
    operations.add(
        new Operation(
            operations.size(),
            client,
            node,
            kind,
            "",
            item,
            token,
            argument,
            outcome,
            answer,
            reason,
            nanos(from),
            Double.isNaN(to) ? Operation.NEVER : nanos(to)));
    return this;
  }

  static Answer answer(String item, String state, long token, String worker) {
    return new Answer(item, state, token, worker, "");
  }

  public Story leader(double at, String node, long epoch) {
    return role(at, node, "LEADER", epoch, node);
  }

  public Story follower(double at, String node, long epoch, String leader) {
    return role(at, node, "FOLLOWER", epoch, leader);
  }

  /// It is asked all the time and says the same.
  public Story following(double from, double to, String node, long epoch, String leader) {
    for (double at = from; at < to; at += 0.4) {
      follower(at, node, epoch, leader);
    }
    return this;
  }

  public Story down(double at, String node) {
    return role(at, node, "DOWN", 0, "");
  }

  /// What a node told of itself.
  public Story role(double at, String node, String role, long epoch, String leader) {
    recorder.sample(new RoleSample(nanos(at), node, role, epoch, leader, "status"));
    return this;
  }

  public Story event(double at, String node, String kind, long epoch, String detail) {
    recorder.event(new NodeEvent(nanos(at), node, kind, epoch, detail));
    return this;
  }

  public Story fault(
      String name, double from, double to, boolean takesLeader, String effect, String... targets) {
    recorder.fault(
        new FaultBand(name, List.of(targets), nanos(from), nanos(to), effect, takesLeader));
    return this;
  }

  public Story effect(double at, String node, String key, long token, long epoch, String what) {
    recorder.effect(new Effect(nanos(at), node, key, token, epoch, what));
    return this;
  }

  /// A record in the node's audit stream.
  ///
  /// @param details name and value in turn
  public Story audit(double at, String node, String kind, long epoch, String... details) {
    var told = new java.util.HashMap<String, String>();
    for (int i = 0; i < details.length; i += 2) {
      told.put(details[i], details[i + 1]);
    }
    audits++;
    recorder.audit(new AuditRecord(nanos(at), node, "boot", audits, kind, epoch, told));
    return this;
  }

  public Story end(String node, String hash, long index, ItemFinal... items) {
    return end("bully", 1, node, hash, index, items.length > 0, items);
  }

  /// A node that told its items, and had none.
  public Story endEmpty(String node, String hash, long index) {
    return end("bully", 1, node, hash, index, true);
  }

  /// @param told whether the node told its items
  public Story end(
      String log,
      long epoch,
      String node,
      String hash,
      long index,
      boolean told,
      ItemFinal... items) {
    recorder.end(
        new NodeFinal(node, hash, index, log, epoch, told, List.of(items), true, Map.of(), ""));
    return this;
  }

  public Story gone(String node, String problem) {
    recorder.end(new NodeFinal(node, "", 0, "", 0, false, List.of(), false, Map.of(), problem));
    return this;
  }

  public Story files(String node, Map<String, String> files) {
    recorder.end(new NodeFinal(node, "", 0, "bully", 1, false, List.of(), true, files, ""));
    return this;
  }

  static ItemFinal item(String id, String state, long token, String worker, String result) {
    return new ItemFinal(id, "payload of " + id, state, token, worker, result);
  }

  /// A node whose files cannot be read.
  public Story unread(String node) {
    recorder.end(new NodeFinal(node, "", 0, "bully", 1, false, List.of(), false, Map.of(), ""));
    return this;
  }

  /// A file that was put into n1.
  public Story source(String path, String sha256) {
    recorder.source(path, new Source(sha256, "n1"));
    return this;
  }

  public Story leftover(String what) {
    recorder.leftover(what);
    return this;
  }

  public Story note(String text) {
    recorder.note(text);
    return this;
  }

  public Story failed(String cause) {
    recorder.failed(cause);
    return this;
  }

  public Story dropped(long operations) {
    dropped = operations;
    return this;
  }

  public Story described(String text) {
    description = text;
    return this;
  }

  public Story on(String kindOfGround) {
    ground = kindOfGround;
    return this;
  }

  /// A node that does not vote.
  public Story beside(String node) {
    nodes.add(node);
    return this;
  }

  public Story modes(String ofMembership, String ofConsensus) {
    membership = ofMembership;
    consensus = ofConsensus;
    return this;
  }

  /// Who cannot lead has to say so within the time in which a leader is missed.
  public Story expect(double detect, double recover) {
    return promise(Promises.of(detect, 0, detect, recover));
  }

  /// A bound for what nodes say of the members, and no other.
  public Story missWithin(double bound) {
    return promise(Promises.of(0, bound, 0, 0));
  }

  public Story promise(Expectations all) {
    expectations = all;
    return this;
  }

  /// The machine has no time for the runner.
  public Story starved(double from, double to) {
    event(from, NodeEvent.RUNNER, NodeEvent.STARVED, 0, "load 40.0 on 2 processors");
    return event(to, NodeEvent.RUNNER, NodeEvent.RELIEVED, 0, "");
  }

  /// A node names these as alive.
  public Story view(double at, String node, String... alive) {
    var members = new java.util.HashMap<String, String>();
    List.of("n1", "n2", "n3").forEach(each -> members.put(each, "DEAD"));
    List.of(alive).forEach(each -> members.put(each, "ALIVE"));
    recorder.view(new ViewSample(nanos(at), node, true, members));
    return this;
  }

  /// A node does not tell its members any more.
  public Story noView(double at, String node) {
    recorder.view(ViewSample.none(nanos(at), node));
    return this;
  }

  public RunEvidence evidence() {
    var setting =
        new Setting(
            "story",
            description,
            ground,
            membership,
            consensus,
            7,
            "chaos run story",
            nodes,
            VOTERS,
            LEASE,
            Duration.ofSeconds(100));
    var empty = new History(new RunClock(() -> new Moment(0)), 1);
    RunEvidence made = recorder.evidence(setting, expectations, empty);
    return new RunEvidence(
        made.setting(),
        made.expectations(),
        made.faults(),
        made.samples(),
        made.views(),
        made.events(),
        made.finals(),
        made.effects(),
        made.audit(),
        made.sources(),
        made.leftovers(),
        made.notes(),
        made.cut(),
        made.failure(),
        new History.Recorded(operations, dropped));
  }
}
