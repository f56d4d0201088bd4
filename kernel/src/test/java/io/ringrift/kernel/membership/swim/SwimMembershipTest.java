package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.Membership;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.membership.MembershipContract;
import java.time.Duration;
import java.util.Set;

final class SwimMembershipTest extends MembershipContract {
  @Override
  protected Nodes open() {
    return new SwimNodes();
  }

  private static final class SwimNodes implements Nodes {
    private static final Timing TIMING = Timing.local();

    private final SwimCluster cluster = new SwimCluster(TIMING, "n1", "n2", "n3", "n4", "n5");

    @Override
    public Membership start(String id) {
      return cluster.start(id);
    }

    @Override
    public Membership startWithOtherSettings(String id) {
      return cluster.start(id, "test", TIMING.lease().plusSeconds(1));
    }

    @Override
    public Membership startOfAnotherCluster(String id) {
      return cluster.start(id, "other", TIMING.lease());
    }

    @Override
    public void kill(String id) {
      cluster.kill(id);
    }

    @Override
    public void split(Set<String> one, Set<String> other) {
      cluster.split(one, other);
    }

    @Override
    public void heal() {
      cluster.heal();
    }

    @Override
    public Duration detection(int members) {
      return SwimTiming.of(TIMING).worstDetection(members).plus(TIMING.deadAfter());
    }

    @Override
    public void close() {
      cluster.close();
    }
  }
}
