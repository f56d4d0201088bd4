package io.ringrift.managers.state;

import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.Role;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.kernel.time.Moment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Leads when the test says so.
final class FakeConsensus implements Consensus {
  private final List<Consumer<LeadershipEvent>> subscribers = new CopyOnWriteArrayList<>();
  private final FakeLedger ledger;

  volatile List<NodeId> voters = List.of(new NodeId("n1"));

  /// The voters that the log itself keeps; empty when it keeps none.
  volatile List<NodeId> inLog = List.of();

  /// Whether the log is on its way from some voters to others.
  volatile boolean between;

  final List<List<NodeId>> reconfigured = new CopyOnWriteArrayList<>();

  /// To whom this node was to hand over; it goes on leading.
  final List<NodeId> nominated = new CopyOnWriteArrayList<>();

  /// Who does not take the office.
  volatile List<NodeId> unwilling = List.of();

  volatile Map<NodeId, Endpoint> introduced = Map.of();

  /// What happens once the log took other voters, before its answer.
  volatile Runnable behindReconfigure = () -> {};

  private volatile Leadership now = Leadership.unknown(Epoch.ZERO);

  FakeConsensus(FakeLedger ledger) {
    this.ledger = ledger;
  }

  void lead(long epoch) {
    ledger.openEpoch(epoch, "n1");
    now = new Leadership(Role.LEADER, Optional.of(new NodeId("n1")), new Epoch(epoch), Moment.MAX);
    subscribers.forEach(s -> s.accept(new LeadershipEvent.DutiesOpened(new Epoch(epoch))));
  }

  void follow(String leader, long epoch) {
    subscribers.forEach(
        s -> s.accept(new LeadershipEvent.DutiesClosed(now.epoch(), "another leads")));
    now =
        new Leadership(
            Role.FOLLOWER, Optional.of(new NodeId(leader)), new Epoch(epoch), Moment.MIN);
  }

  @Override
  public Leadership leadership() {
    return now;
  }

  @Override
  public boolean leadsNow(Epoch epoch) {
    return now.role() == Role.LEADER && now.epoch().equals(epoch);
  }

  @Override
  public AutoCloseable subscribe(Consumer<LeadershipEvent> subscriber) {
    subscribers.add(subscriber);
    return () -> subscribers.remove(subscriber);
  }

  @Override
  public Ledger ledger() {
    return ledger;
  }

  @Override
  public List<NodeId> voters() {
    return voters;
  }

  @Override
  public boolean keepsVoters() {
    return !inLog.isEmpty();
  }

  @Override
  public List<NodeId> electorate() {
    if (between) {
      return List.of();
    }
    return keepsVoters() ? inLog : voters();
  }

  @Override
  public void introduce(Map<NodeId, Endpoint> addresses) {
    introduced = addresses;
  }

  @Override
  public void reconfigure(List<NodeId> from, List<NodeId> voters) {
    if (!inLog.equals(from)) {
      throw new Refusal(Reason.VOTERS_REFUSED, "the log goes by " + inLog + ", not by " + from);
    }
    reconfigured.add(voters);
    inLog = voters;
    behindReconfigure.run();
  }

  @Override
  public Epoch stepDown(String cause) {
    Epoch left = now.epoch();
    now = Leadership.unknown(left);
    return left;
  }

  @Override
  public NodeId transfer(Optional<NodeId> target) {
    nominated.add(target.orElseThrow());
    if (unwilling.contains(target.get())) {
      throw new Refusal(Reason.UNREACHABLE, target.get() + " does not take the lead");
    }
    return target.orElseThrow();
  }

  @Override
  public void close() {}
}
