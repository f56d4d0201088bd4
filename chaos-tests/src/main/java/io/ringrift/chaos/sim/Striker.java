package io.ringrift.chaos.sim;

/// Makes faults happen, and ends them in time. One thread.
final class Striker {
  private final Sim sim;
  private final long soon;

  Striker(Sim sim, SimConfig config) {
    this.sim = sim;
    this.soon = config.timing().lease().toNanos() / 8;
  }

  void strike(Fault fault) {
    if (sim.trace().on()) {
      sim.trace().line(sim.now(), "--", fault.toString());
    }
    switch (fault) {
      case Fault.Crash(var _, var who, var _, var _) when who >= sim.nodes() ->
          sim.sides().strike(fault);
      case Fault.Pause(var _, var _, var who, var _) when who >= sim.nodes() ->
          sim.sides().strike(fault);
      case Fault.Leave _ -> sim.sides().strike(fault);
      case Fault.Crash(var _, var who, var effects, var downFor) -> {
        SimNode node = node(who);
        node.strikeAfter(effects, soon, () -> crash(node, downFor));
      }
      case Fault.Pause(var _, var until, var who, var effects) -> {
        SimNode node = node(who);
        node.strikeAfter(effects, soon, () -> node.pause(Math.min(until, sim.stormEnds())));
      }
      case Fault.Cut cut -> cut(cut);
      case Fault.Isolate(var from, var until, var who, var deaf, var mute) -> {
        int one = 1 << node(who).index();
        int others = ((1 << Math.max(sim.nodes(), sim.sides().members())) - 1) & ~one;
        if (deaf) {
          cut(new Fault.Cut(from, until, others, one));
        }
        if (mute) {
          cut(new Fault.Cut(from, until, one, others));
        }
      }
      case Fault.Weather weather -> {
        sim.network().begin(weather);
        sim.at(weather.until(), () -> sim.network().end(weather));
      }
      case Fault.Link link -> {
        sim.network().begin(link);
        sim.at(link.until(), () -> sim.network().end(link));
      }
      case Fault.ClockRate(var _, var who, var rate) -> node(who).clock().rate(sim.now(), rate);
      case Fault.StepDown(var _, var who) ->
          input(node(who), (node, cell) -> cell.stepDown(node.moment(), "asked by the operator"));
      case Fault.Transfer(var _, var who, var target) ->
          input(
              node(who),
              (node, cell) -> cell.transfer(node.moment(), -sim.now(), SimConfig.node(target)));
      case Fault.Unfit(var _, var until, var who) -> unfit(node(who), until);
    }
  }

  private void cut(Fault.Cut cut) {
    sim.network().begin(cut);
    sim.at(cut.until(), () -> sim.network().end(cut));
  }

  private void crash(SimNode node, long downFor) {
    node.die();
    sim.at(
        Math.min(sim.now() + downFor, sim.stormEnds()),
        () -> {
          if (node.down()) {
            node.boot(sim.chance().clocks);
          }
        });
  }

  private void unfit(SimNode node, long until) {
    fitness(node, false);
    sim.at(Math.min(until, sim.stormEnds()), () -> fitness(node, true));
  }

  private void fitness(SimNode node, boolean fit) {
    input(node, (n, cell) -> cell.fitness(n.moment(), fit, fit ? "well again" : "slow disk"));
  }

  private interface Asked {
    void ask(SimNode node, ConsensusCell cell);
  }

  private static void input(SimNode node, Asked asked) {
    node.input(cell -> asked.ask(node, cell));
  }

  private SimNode node(int who) {
    return who == Fault.LEADER ? sim.someLeader(sim.chance().faults) : sim.node(who);
  }
}
