package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.consensus.ConsensusContract;
import java.nio.file.Path;
import java.time.Duration;

final class BullyContractTest extends ConsensusContract {
  @Override
  protected Trio open(Path root, int snapshotEvery) {
    var cluster = new VoterCluster(root, 3);
    cluster.snapshots(snapshotEvery, 2);
    return new BullyTrio(cluster);
  }

  private record BullyTrio(VoterCluster cluster) implements Trio {
    @Override
    public Member start(int n) {
      var voter = cluster.start(n);
      return new Member(n, voter.consensus(), voter.machine(), voter.events());
    }

    @Override
    public void stop(int n) {
      cluster.stop(VoterCluster.id(n));
    }

    @Override
    public void stopAll() {
      cluster.stopAll();
    }

    @Override
    public void move() {
      cluster.move();
    }

    @Override
    public void skip(int n, Duration time) {
      cluster.clock(VoterCluster.id(n)).skip(time);
    }

    @Override
    public void close() {
      cluster.close();
    }
  }
}
