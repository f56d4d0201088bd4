package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.consensus.ConsensusContract;
import java.nio.file.Path;

final class RaftContractTest extends ConsensusContract {
  @Override
  protected Trio open(Path root, int snapshotEvery) {
    return new RaftTrio(root, snapshotEvery);
  }
}
