package io.ringrift.kernel.wire;

import io.ringrift.kernel.Consensus;
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
import java.util.Optional;
import java.util.function.Consumer;

/// A consensus that says what a test tells it.
final class FakeConsensus implements Consensus {
  static final NodeId N1 = new NodeId("n1");
  static final NodeId N2 = new NodeId("n2");
  static final Epoch EPOCH = new Epoch(7);

  Leadership leadership = Leadership.unknown(EPOCH);
  String cause = "";

  static FakeConsensus leading(Moment leaseEnds) {
    var fake = new FakeConsensus();
    fake.leadership = new Leadership(Role.LEADER, Optional.of(N1), EPOCH, leaseEnds);
    return fake;
  }

  static FakeConsensus following() {
    var fake = new FakeConsensus();
    fake.leadership = new Leadership(Role.FOLLOWER, Optional.of(N2), EPOCH, Moment.MIN);
    return fake;
  }

  @Override
  public Leadership leadership() {
    return leadership;
  }

  @Override
  public boolean leadsNow(Epoch epoch) {
    return leadership.role() == Role.LEADER;
  }

  @Override
  public AutoCloseable subscribe(Consumer<LeadershipEvent> subscriber) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Ledger ledger() {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<NodeId> voters() {
    return List.of(N1, N2);
  }

  @Override
  public Epoch stepDown(String why) {
    requireLeader();
    cause = why;
    return EPOCH;
  }

  @Override
  public NodeId transfer(Optional<NodeId> target) {
    requireLeader();
    return target.orElse(N2);
  }

  private void requireLeader() {
    if (leadership.role() != Role.LEADER) {
      var refusal = new Refusal(Reason.NOT_LEADER, "does not lead");
      leadership.leader().ifPresent(l -> refusal.with("leader_id", l.value()));
      throw refusal;
    }
  }

  @Override
  public void close() {}
}
