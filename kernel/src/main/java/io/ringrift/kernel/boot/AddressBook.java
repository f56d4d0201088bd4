package io.ringrift.kernel.boot;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.NodeId;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Where voters listen: as configured until membership is open, and as membership knows from then
/// on. Breaks the circle of consensus, which sends, and membership, which asks who leads. Any
/// thread.
final class AddressBook implements Function<NodeId, Optional<Endpoint>> {
  private volatile Function<NodeId, Optional<Endpoint>> source;

  AddressBook(Map<NodeId, Endpoint> configured) {
    this.source = id -> Optional.ofNullable(configured.get(id));
  }

  void learn(Function<NodeId, Optional<Endpoint>> fresher) {
    source = fresher;
  }

  @Override
  public Optional<Endpoint> apply(NodeId id) {
    return source.apply(id);
  }
}
