package io.ringrift.managers.rating;

import io.grpc.BindableService;
import io.ringrift.kernel.Consensus;
import io.ringrift.kernel.Membership;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.managers.Health;
import io.ringrift.managers.LeaderHint;
import io.ringrift.managers.LoopSpec;
import io.ringrift.managers.Manager;
import io.ringrift.managers.Services;
import java.util.List;

/// Who is how good: RatingService on every node, over the matches of the replicated state.
public final class RatingManager implements Manager {
  private final RatingRpc rpc;

  public RatingManager(
      Consensus consensus, Membership membership, Services services, Ticker ticker) {
    this.rpc = new RatingRpc(services, new LeaderHint(consensus, membership), ticker);
  }

  @Override
  public List<BindableService> services() {
    return List.of(rpc);
  }

  @Override
  public List<LoopSpec> loops() {
    return List.of();
  }

  @Override
  public String name() {
    return "RatingManager";
  }

  @Override
  public Health health() {
    return rpc.health();
  }

  @Override
  public void close() {
    // It opens nothing.
  }
}
