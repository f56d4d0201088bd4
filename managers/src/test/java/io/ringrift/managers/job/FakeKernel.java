package io.ringrift.managers.job;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Leadership;
import io.ringrift.kernel.LeadershipEvent;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.consensus.ledger.Ledger;
import io.ringrift.kernel.time.Moment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Members and an office that a test sets by hand.
final class FakeKernel {
  final Map<NodeId, MemberState> states = new TreeMap<>();
  volatile boolean leads = true;

  Membership membership() {
    return new Membership() {
      @Override
      public List<Member> members() {
        return states.entrySet().stream()
            .map(
                e ->
                    new Member(
                        e.getKey(),
                        new BootId(1),
                        Incarnation.ZERO,
                        e.getValue(),
                        Optional.empty(),
                        true,
                        false,
                        Moment.MIN,
                        false,
                        0))
            .toList();
      }

      @Override
      public AutoCloseable subscribe(Consumer<MembershipEvent> subscriber) {
        return () -> {};
      }

      @Override
      public void leave() {}

      @Override
      public void close() {}
    };
  }

  Consensus consensus() {
    return new Consensus() {
      @Override
      public Leadership leadership() {
        return Leadership.unknown(Epoch.ZERO);
      }

      @Override
      public boolean leadsNow(Epoch epoch) {
        return leads;
      }

      @Override
      public AutoCloseable subscribe(Consumer<LeadershipEvent> subscriber) {
        return () -> {};
      }

      @Override
      public Ledger ledger() {
        throw new UnsupportedOperationException();
      }

      @Override
      public List<NodeId> voters() {
        return List.of();
      }

      @Override
      public Epoch stepDown(String cause) {
        throw new UnsupportedOperationException();
      }

      @Override
      public NodeId transfer(Optional<NodeId> target) {
        throw new UnsupportedOperationException();
      }

      @Override
      public void close() {}
    };
  }
}
