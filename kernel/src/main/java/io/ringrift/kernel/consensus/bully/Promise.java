package io.ringrift.kernel.consensus.bully;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.NodeId;
import java.util.Optional;

/// What a voter has promised, durable before it is told to anyone: no epoch below `epoch` counts
/// any more, and in `epoch` only `grantedTo` may lead. After a restart the end of the grant is
/// unknown, so the voter waits one whole lease from its start before it grants to anyone but the
/// same holder.
record Promise(Epoch epoch, Optional<NodeId> grantedTo) {
  static final Promise NONE = new Promise(Epoch.ZERO, Optional.empty());
}
