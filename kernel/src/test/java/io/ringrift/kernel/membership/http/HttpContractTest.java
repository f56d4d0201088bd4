package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.membership.MembershipContract;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

final class HttpContractTest extends MembershipContract {
  @Override
  protected Nodes open() {
    return new HttpNodes();
  }

  private static final class HttpNodes implements Nodes {
    private final TestCluster cluster = new TestCluster("n1", "n2", "n3", "n4", "n5");

    @Override
    public Membership start(String id) {
      return cluster.start(id).membership();
    }

    @Override
    public Membership startWithOtherSettings(String id) {
      return start(id, "test", TestCluster.FAST.lease().plusSeconds(1));
    }

    @Override
    public Membership startOfAnotherCluster(String id) {
      return start(id, "other", TestCluster.FAST.lease());
    }

    private Membership start(String id, String clusterId, Duration lease) {
      var at = Optional.of(new Endpoint(id, 8770));
      var config = cluster.config(id, at, cluster.settings(clusterId, lease));
      return cluster.start(config, List.of()).membership();
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
      return TestCluster.FAST.deadAfter().multipliedBy(2);
    }

    @Override
    public void close() {
      cluster.close();
    }
  }
}
