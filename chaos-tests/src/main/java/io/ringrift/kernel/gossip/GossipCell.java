package io.ringrift.kernel.gossip;

import com.google.protobuf.ByteString;
import io.ringrift.chaos.sim.FactsCell;
import io.ringrift.chaos.sim.SideWorld;
import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Exchange;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A simulated node's `GossipCore`: does what `GossipDriver` does around it, exchanges with
/// deadlines included. Decides nothing. One thread.
public final class GossipCell implements FactsCell {
  private static final String CLUSTER = "sim";
  private static final Duration LONGEST_EXCHANGE = Duration.ofSeconds(2);

  /// @param call names the exchange that waits for the answer
  private record Asked(long call, Exchange.Ask ask) {}

  private record Answered(long call, Exchange.Answer answer) {}

  /// @param push the second half of a round
  private record Waiting(boolean push, Moment deadline) {}

  private final GossipCore core;
  private final SideWorld world;
  private final Map<Long, Waiting> exchanges = new HashMap<>();
  private long lastExchange;
  private int turn;

  private GossipCell(SideWorld world, GossipRules rules) {
    this.world = world;
    this.core =
        new GossipCore(
            world.self(),
            world.boot(),
            world.bootTimeMillis(),
            CLUSTER,
            world.timing().deadAfter().multipliedBy(2),
            rules);
  }

  /// Cells of the protocol as production runs it.
  public static FactsCell.Factory protocol() {
    return with(GossipRules.PROTOCOL);
  }

  static FactsCell.Factory with(GossipRules rules) {
    return world -> new GossipCell(world, rules);
  }

  @Override
  public void publish(Moment now, long content) {
    core.publish(now, ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(0, content)));
  }

  @Override
  public Duration pause() {
    turn++;
    int hash = 31 * world.self().value().hashCode() + turn;
    long perMille = 800 + Math.floorMod((hash * 0x9E3779B97F4A7C15L) >>> 32, 401L);
    return world.timing().gossip().multipliedBy(perMille).dividedBy(1000);
  }

  @Override
  public void round(Moment now) {
    exchanges.values().removeIf(waiting -> !now.isBefore(waiting.deadline()));
    core.forget(now, known());
    for (NodeId peer : GossipCore.fanout(order())) {
      ask(now, peer, false, core.ask());
    }
  }

  private List<NodeId> order() {
    var peers = new ArrayList<NodeId>();
    for (Member member : world.members()) {
      if (member.alive()
          && !member.outboundOnly()
          && !member.id().equals(world.self())
          && (!world.outboundOnly() || member.voter())) {
        peers.add(member.id());
      }
    }
    if (!peers.isEmpty()) {
      int own = Math.floorMod(world.self().value().hashCode(), peers.size());
      Collections.rotate(peers, own + turn);
    }
    return peers;
  }

  private void ask(Moment now, NodeId peer, boolean push, Exchange.Ask ask) {
    lastExchange++;
    exchanges.put(lastExchange, new Waiting(push, now.plus(LONGEST_EXCHANGE)));
    world.sendToFacts(peer, new Asked(lastExchange, ask));
  }

  @Override
  public void receive(Moment now, NodeId from, Object message) {
    switch (message) {
      case Asked asked ->
          world.sendToFacts(
              from, new Answered(asked.call(), core.answer(now, asked.ask(), known())));
      case Answered(var call, var answer) -> {
        Waiting waiting = exchanges.remove(call);
        if (waiting != null && now.isBefore(waiting.deadline())) {
          var push = core.take(now, answer, known());
          if (!waiting.push()) {
            push.ifPresent(ask -> ask(now, from, true, ask));
          }
        }
      }
      default -> throw new IllegalArgumentException("not a message of gossip: " + message);
    }
  }

  private GossipCore.Known known() {
    var boots = new HashMap<NodeId, BootId>();
    for (Member member : world.members()) {
      if (member.state() != MemberState.LEFT && !member.retired()) {
        boots.put(member.id(), member.boot());
      }
    }
    return new GossipCore.Known(boots);
  }

  @Override
  public void read(Reader reader) {
    core.held()
        .forEach(
            (owner, held) -> {
              var version = held.fact().version();
              long content = held.fact().payload().asReadOnlyByteBuffer().getLong();
              reader.holds(owner, version.boot(), version.counter(), content);
            });
  }
}
