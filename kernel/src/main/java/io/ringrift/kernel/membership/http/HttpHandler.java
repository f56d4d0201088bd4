package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.Member;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.membership.EventDelivery;
import io.ringrift.kernel.membership.OncePerMinute;
import io.ringrift.kernel.wire.ClusterSettings;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MemberReport;
import io.ringrift.kernel.wire.MembershipHandler;
import io.ringrift.kernel.wire.PollAnswer;
import io.ringrift.kernel.wire.PollCall;
import io.ringrift.kernel.wire.Welcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this node answers to its peers.
final class HttpHandler implements MembershipHandler {
  private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);

  /// Members told in one poll answer; larger clusters are told in turns.
  private static final int REPORTS_PER_ANSWER = 64;

  private final HttpConfig config;
  private final HttpPorts ports;
  private final DetectorLoop loop;
  private final EventDelivery delivery;
  private final Supplier<Intro> intro;
  private final OncePerMinute quiet = new OncePerMinute();
  private final AtomicInteger turn = new AtomicInteger();

  HttpHandler(
      HttpConfig config,
      HttpPorts ports,
      DetectorLoop loop,
      EventDelivery delivery,
      Supplier<Intro> intro) {
    this.config = config;
    this.ports = ports;
    this.loop = loop;
    this.delivery = delivery;
    this.intro = intro;
  }

  @Override
  public void hello(Intro from, ClusterSettings settings, Consumer<Welcome> reply) {
    var mismatch = config.settings().mismatch(config.self(), from.id(), settings);
    if (mismatch.isPresent()) {
      refuse(from, mismatch.get());
    }
    if (from.id().equals(config.self()) && !from.boot().equals(config.boot())) {
      refuse(
          from,
          new Refusal(
              Reason.WRONG_NODE,
              "node id " + from.id() + " is taken: another process runs under it; use another id"));
    }
    hint(from);
    post(
        new PollInput.Admitted(from, java.util.Optional.empty()),
        _ -> reply.accept(new Welcome(intro.get(), config.settings(), members())));
  }

  @Override
  public void poll(PollCall call, Consumer<PollAnswer> reply) {
    sameCluster(call.intro(), call.clusterId());
    hint(call.intro());
    post(
        new PollInput.Polled(call.intro(), call.ofTarget()),
        detector ->
            reply.accept(
                new PollAnswer(intro.get(), someMembers(), detector.beliefOf(call.intro()))));
  }

  @Override
  public List<MemberReport> members() {
    return reports(loop.view(), loop.view().members());
  }

  @Override
  public Runnable watch(Predicate<MemberReport> watcher) {
    return delivery.subscribe(
        () -> {
          for (MemberReport report : members()) {
            if (!watcher.test(report)) {
              return;
            }
          }
        },
        event -> watcher.test(report(loop.view(), event.member())));
  }

  @Override
  public void goodbye(Intro from, String clusterId) {
    sameCluster(from, clusterId);
    post(new PollInput.Goodbye(from), _ -> {});
  }

  private void sameCluster(Intro from, String clusterId) {
    if (!clusterId.equals(config.settings().clusterId())) {
      refuse(
          from,
          new Refusal(
              Reason.WRONG_CLUSTER,
              "node "
                  + from.id()
                  + " is of cluster \""
                  + clusterId
                  + "\" but "
                  + config.self()
                  + " is of cluster \""
                  + config.settings().clusterId()
                  + "\"; correct its voters or seeds"));
    }
  }

  private void refuse(Intro from, Refusal refusal) {
    if (quiet.first(from.id().value(), ports.ticker().now())) {
      LOG.warn("{}: {}", refusal.reason(), refusal.text());
    }
    throw refusal;
  }

  /// Only voters know; others repeat, and two who repeat each other never forget.
  private void hint(Intro from) {
    if (config.voters().containsKey(from.id())) {
      from.leader().ifPresent(leader -> ports.advertised().accept(leader, from.epoch()));
    }
  }

  private void post(PollInput input, Consumer<PollDetector> after) {
    if (!loop.offer(input, after)) {
      throw new Refusal(
          Reason.OVERLOADED, "membership of " + config.self() + " is overloaded; try again");
    }
  }

  private List<MemberReport> someMembers() {
    var view = loop.view();
    var all = view.members();
    if (all.size() <= REPORTS_PER_ANSWER) {
      return reports(view, all);
    }
    int start = Math.floorMod(turn.getAndAdd(REPORTS_PER_ANSWER), all.size());
    var some = new ArrayList<Member>();
    for (int i = 0; i < REPORTS_PER_ANSWER; i++) {
      some.add(all.get((start + i) % all.size()));
    }
    return reports(view, some);
  }

  private List<MemberReport> reports(DetectorLoop.View view, List<Member> members) {
    return members.stream().map(member -> report(view, member)).toList();
  }

  private MemberReport report(DetectorLoop.View view, Member member) {
    NodeId id = member.id();
    return MemberReport.of(member, ports.ticker().now(), view.relayed().contains(id));
  }
}
