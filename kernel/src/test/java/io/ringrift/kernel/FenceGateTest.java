package io.ringrift.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class FenceGateTest {
  private static final NodeId VOTER = new NodeId("n1");
  private static final NodeId OTHER = new NodeId("n2");

  private final List<Epoch> remembered = new ArrayList<>();
  private Epoch known = new Epoch(5);
  private Optional<NodeId> leader = Optional.empty();
  private final FenceGate gate =
      new FenceGate(
          Epoch.ZERO,
          remembered::add,
          new FenceGate.Knowledge() {
            @Override
            public Epoch greatest() {
              return known;
            }

            @Override
            public boolean mayLead(NodeId node) {
              return node.equals(VOTER) || node.equals(OTHER);
            }

            @Override
            public Optional<NodeId> leader(Epoch epoch) {
              return epoch.equals(known) ? leader : Optional.empty();
            }
          });

  private void admit(long epoch, NodeId leader) {
    gate.admit(new Fence(new Epoch(epoch), leader));
  }

  private Reason refused(long epoch, NodeId leader) {
    return catchThrowableOfType(Refusal.class, () -> admit(epoch, leader)).reason();
  }

  @Test
  void anOrderOlderThanTheOwnPromiseIsRefusedThoughNoOrderOfItWasSeen() {
    admit(5, VOTER);
    known = new Epoch(7);
    assertThat(refused(5, VOTER)).isEqualTo(Reason.STALE_EPOCH);
    admit(7, VOTER);
  }

  @Test
  void aGreaterEpochIsRememberedBeforeItsOrderIsAdmitted() {
    admit(9, VOTER);
    assertThat(remembered).containsExactly(new Epoch(5), new Epoch(9));
    assertThat(refused(8, VOTER)).isEqualTo(Reason.STALE_EPOCH);
  }

  @Test
  void anAbsurdEpochIsRefusedAndNotRemembered() {
    assertThatThrownBy(() -> admit(Long.MAX_VALUE, VOTER)).hasMessageContaining("fence.epoch");
    assertThat(refused(6 + FenceGate.MOST_AHEAD, VOTER)).isEqualTo(Reason.INVALID_ARGUMENT);
    assertThat(remembered).containsExactly(new Epoch(5));
    admit(5, VOTER);
    admit(5 + FenceGate.MOST_AHEAD, VOTER);
    assertThat(refused(6 + FenceGate.MOST_AHEAD, VOTER)).isEqualTo(Reason.INVALID_ARGUMENT);
  }

  @Test
  void aGreaterEpochOfANodeThatIsNoVoterIsRefused() {
    assertThatThrownBy(() -> admit(6, new NodeId("x"))).hasMessageContaining("fence.leader_id");
    assertThat(gate.greatest()).isEqualTo(new Epoch(5));
  }

  @Test
  void inTheEpochOfAKnownLeaderNobodyElseOrders() {
    leader = Optional.of(VOTER);
    admit(5, VOTER);
    assertThatThrownBy(() -> admit(5, OTHER)).hasMessageContaining("n1, which leads in epoch 5");
    assertThat(refused(5, new NodeId("x"))).isEqualTo(Reason.INVALID_ARGUMENT);
  }

  @Test
  void aKnownLeaderOrdersThoughTheListOfVotersHereIsOlder() {
    leader = Optional.of(new NodeId("added-later"));
    admit(5, new NodeId("added-later"));
  }

  @Test
  void whileNoLeaderOfTheEpochIsKnownOnlyVotersOrder() {
    admit(5, OTHER);
    assertThat(refused(5, new NodeId("x"))).isEqualTo(Reason.INVALID_ARGUMENT);
  }
}
