package io.ringrift.kernel.membership.http;

import io.ringrift.chaos.sim.SideWorld;
import io.ringrift.chaos.sim.ViewCell;
import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MemberReport;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A simulated node's `PollDetector`: does what `HttpMembership`, its loop and its handler do
/// around it, calls with deadlines included. Decides nothing. One thread.
public final class MembershipCell implements ViewCell {
  private static final int PORT = 8770;
  private static final long STREAM = 0;

  /// A greeting or a poll that waits for its answer.
  private record Call(PollInput failed, Optional<Endpoint> greeted, Moment deadline) {}

  private final PollDetector core;
  private final SideWorld world;
  private final SimStreams streams;

  /// By call; in the order of deadlines, since all wait equally long.
  private final Map<Long, Call> calls = new LinkedHashMap<>();

  private long lastCall = STREAM;
  private List<Member> view;

  private MembershipCell(SideWorld world, Moment start, PollRules rules) {
    this.world = world;
    var endpoints = new TreeMap<NodeId, Endpoint>();
    world.voters().forEach(voter -> endpoints.put(voter, address(voter)));
    var config =
        new DetectorConfig(
            world.self(),
            world.boot(),
            advertised(),
            endpoints,
            List.of(),
            world.timing(),
            HttpConfig.MAX_MEMBERS);
    this.core = new PollDetector(config, start, rules);
    this.streams =
        new SimStreams(world.outboundOnly() ? world.voters() : List.of(), world.timing());
    this.view = core.members(start);
  }

  /// Cells of the protocol as production runs it.
  public static ViewCell.Factory protocol() {
    return with(PollRules.PROTOCOL);
  }

  static ViewCell.Factory with(PollRules rules) {
    return (world, start) -> new MembershipCell(world, start, rules);
  }

  @Override
  public void tick(Moment now) {
    failOverdue(now);
    step(now, new PollInput.Tick());
    view = core.members(now);
    streams.keep(now, voter -> world.sendToView(voter, new Frame.Hello(STREAM, intro())));
  }

  @Override
  public void leave(Moment now) {
    step(now, new PollInput.Leave());
    for (Member member : view) {
      if (member.alive()) {
        world.sendToView(member.id(), new Frame.Goodbye(intro()));
      }
    }
  }

  @Override
  public void receive(Moment now, NodeId from, Object message) {
    failOverdue(now);
    streams.heard(from, message instanceof Frame.Welcome(var call, _, _) && call == STREAM);
    switch ((Frame) message) {
      case Frame.Hello(var call, var intro) -> {
        step(now, new PollInput.Admitted(intro, Optional.empty()));
        world.sendToView(from, new Frame.Welcome(call, intro(), reports(now)));
      }
      case Frame.Welcome(var call, var intro, var members) -> {
        var waiting = calls.remove(call);
        if (call == STREAM || waiting != null) {
          var at = waiting == null ? Optional.of(address(from)) : waiting.greeted();
          step(now, new PollInput.Admitted(intro, at));
          step(now, new PollInput.Learned(intro.id(), members));
        }
      }
      case Frame.Poll(var call, var intro, var ofMe) -> {
        step(now, new PollInput.Polled(intro, ofMe));
        world.sendToView(from, new Frame.Answer(call, intro(), reports(now), core.beliefOf(intro)));
      }
      case Frame.Answer(var call, var intro, var members, var ofMe) -> {
        if (call == STREAM || calls.remove(call) != null) {
          step(now, new PollInput.Answered(from, intro, ofMe));
          step(now, new PollInput.Learned(intro.id(), members));
        }
      }
      case Frame.Goodbye(var intro) -> step(now, new PollInput.Goodbye(intro));
    }
  }

  /// A call that was not answered in time has failed; its late answer finds nobody.
  private void failOverdue(Moment now) {
    Iterator<Call> oldest = calls.values().iterator();
    while (oldest.hasNext()) {
      Call call = oldest.next();
      if (now.isBefore(call.deadline())) {
        return;
      }
      oldest.remove();
      step(now, call.failed());
    }
  }

  private void step(Moment now, PollInput input) {
    Incarnation before = core.incarnation();
    var effects = core.step(now, input);
    if (effects.stream().anyMatch(PollEffect.Changed.class::isInstance)
        || !core.incarnation().equals(before)
        || input instanceof PollInput.Leave) {
      view = core.members(now);
    }
    for (PollEffect effect : effects) {
      switch (effect) {
        case PollEffect.Greet(var at) -> {
          long call = begin(now, new PollInput.GreetFailed(at), Optional.of(at));
          world.sendToView(new NodeId(at.host()), new Frame.Hello(call, intro()));
        }
        case PollEffect.Poll(var to, var at, var belief) -> {
          long call =
              streams.isOpen(to)
                  ? STREAM
                  : begin(now, new PollInput.PollFailed(to), Optional.empty());
          world.sendToView(
              new NodeId(at.host()), new Frame.Poll(call, intro(), Optional.of(belief)));
        }
        case PollEffect.Changed(var event) -> world.changed(event);
        case PollEffect.Report _ -> {}
      }
    }
  }

  private long begin(Moment now, PollInput failed, Optional<Endpoint> greeted) {
    lastCall++;
    calls.put(lastCall, new Call(failed, greeted, now.plus(world.timing().requestTimeout())));
    return lastCall;
  }

  private List<MemberReport> reports(Moment now) {
    return view.stream().map(m -> MemberReport.of(m, now, core.relayed(m.id()))).toList();
  }

  private Intro intro() {
    return new Intro(
        world.self(), world.boot(), core.incarnation(), advertised(), Optional.empty(), Epoch.ZERO);
  }

  private Optional<Endpoint> advertised() {
    return world.outboundOnly() ? Optional.empty() : Optional.of(address(world.self()));
  }

  private static Endpoint address(NodeId id) {
    return new Endpoint(id.value(), PORT);
  }

  @Override
  public List<Member> members() {
    return view;
  }

  @Override
  public Incarnation incarnation() {
    return core.incarnation();
  }
}
