package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.membership.Afterlife;
import io.ringrift.kernel.membership.http.PollEffect.Trouble;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Belief;
import io.ringrift.kernel.wire.Intro;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Failure detection by polling (SPEC 2.2 to 2.4), with the incarnations of SWIM (section 4.2) and
/// the self-doubt of Lifeguard. A function of (state, now, input); one thread owns it.
///
/// Silence alone judges: a failed poll changes nothing. A poll received is evidence as good as a
/// poll answered. Hearsay never makes a member that can be dialled ALIVE; outbound-only nodes are
/// the exception, because only the holders of their streams can see them.
@Pure
final class PollDetector {
  private final DetectorConfig config;
  private final PollRules rules;
  private final Timing timing;
  private final MemberTable table;
  private final Leads leads;
  private final Hearsay hearsay;
  private Incarnation incarnation = Incarnation.ZERO;
  private boolean left;
  private int doubt = 1;
  private Moment lastStep;

  PollDetector(DetectorConfig config, Moment start) {
    this(config, start, PollRules.PROTOCOL);
  }

  PollDetector(DetectorConfig config, Moment start, PollRules rules) {
    this.config = config;
    this.rules = rules;
    this.timing = config.timing();
    this.table = new MemberTable(config);
    this.leads = new Leads(timing.heartbeat(), timing.deadAfter());
    this.hearsay = new Hearsay(config, table, leads);
    this.lastStep = start;
    config.voters().entrySet().stream()
        .filter(v -> !v.getKey().equals(config.self()))
        .forEach(v -> leads.keepForEver(v.getValue(), start));
    config.seeds().stream()
        .filter(seed -> !config.advertise().equals(Optional.of(seed)))
        .forEach(seed -> leads.keepForEver(seed, start));
  }

  /// Advances by one input.
  ///
  /// @param now never earlier than in the call before
  List<PollEffect> step(Moment now, PollInput input) {
    var effects = new ArrayList<PollEffect>();
    forgiveOwnStall(now);
    switch (input) {
      case PollInput.Tick() -> tick(now, effects);
      case PollInput.Admitted(var intro, var dialled) -> admitted(now, intro, dialled, effects);
      case PollInput.Polled(var intro, var ofMe) -> heard(now, intro, ofMe, effects);
      case PollInput.Answered(var asked, var intro, var ofMe) ->
          answered(now, asked, intro, ofMe, effects);
      case PollInput.PollFailed(var asked) -> pollOver(asked);
      case PollInput.GreetFailed(var at) -> leads.failed(at);
      case PollInput.Learned(var teller, var reports) ->
          reports.forEach(report -> hearsay.learned(now, teller, report, effects));
      case PollInput.Goodbye(var intro) -> goodbye(now, intro, effects);
      case PollInput.Leave() -> left = true;
    }
    return effects;
  }

  Incarnation incarnation() {
    return incarnation;
  }

  /// Factor by which this node stretches its own timeouts: 2 while it doubts itself.
  int doubt() {
    return doubt;
  }

  /// What this node believes of another; empty for one it does not know in that life.
  Optional<Belief> beliefOf(Intro intro) {
    return Optional.ofNullable(table.find(intro.id()))
        .filter(life -> life.boot.equals(intro.boot()))
        .map(Life::belief);
  }

  /// Immutable view, sorted by node id, this node included.
  List<Member> members(Moment now) {
    var members = new TreeMap<NodeId, Member>();
    members.put(config.self(), self(now));
    table.all().forEach(life -> members.put(life.id, table.member(life)));
    return List.copyOf(members.values());
  }

  /// Known by another node's word only.
  boolean relayed(NodeId id) {
    Life life = table.find(id);
    return life != null && life.relayed;
  }

  private Member self(Moment now) {
    return new Member(
        config.self(),
        config.boot(),
        incarnation,
        left ? MemberState.LEFT : MemberState.ALIVE,
        config.advertise(),
        table.isVoter(config.self()),
        config.advertise().isEmpty(),
        now,
        false,
        0);
  }

  // ---- evidence

  private void admitted(
      Moment now, Intro intro, Optional<Endpoint> dialled, List<PollEffect> effects) {
    if (intro.id().equals(config.self())) {
      dialled.ifPresent(leads::forget);
      if (!intro.boot().equals(config.boot())) {
        MemberTable.report(
            effects, Trouble.DUPLICATE_ID, "another process calls itself " + intro.id());
      }
      return;
    }
    dialled.ifPresent(at -> leads.answered(at, intro.id()));
    Life life = table.find(intro.id());
    if (life != null && life.boot.equals(intro.boot())) {
      evidence(now, life, intro, effects);
    } else if (life != null
        && life.isFormer(intro.boot())
        && !cameBack(now, life, intro, dialled)) {
      former(now, life, intro, dialled.isPresent(), effects);
    } else {
      if (life == null && !table.makeRoom(intro.id(), effects)) {
        return;
      }
      Life born = life == null ? new Life(intro.id(), intro.boot(), now) : life;
      table.put(born);
      born.begin(intro.boot(), intro.incarnation(), now);
      born.relayed = false;
      table.address(born, intro, effects);
      born.nextPoll = now.plus(table.stagger(born.id));
      table.changed(effects, MembershipEvent.Joined::new, born);
    }
  }

  /// Whether a life that gave way counts again: a late message of an earlier life may have replaced
  /// it, which then fell silent. Whoever listens proves it by an answer at its address. What came
  /// in with the end of the other, while this node stood still, proves nothing.
  private boolean cameBack(Moment now, Life life, Intro intro, Optional<Endpoint> dialled) {
    return life.mayGiveWayTo(intro.boot())
        && now.since(life.stateSince).compareTo(timing.heartbeat()) >= 0
        && (dialled.isPresent() || intro.outboundOnly());
  }

  private void former(
      Moment now, Life life, Intro intro, boolean answered, List<PollEffect> effects) {
    if (life.isLive()) {
      MemberTable.report(
          effects,
          Trouble.DUPLICATE_ID,
          "two processes call themselves "
              + intro.id()
              + ": boot "
              + intro.boot()
              + " came back after boot "
              + life.boot);
    } else if (!answered && !life.hasLeft(intro.boot())) {
      intro.endpoint().ifPresent(at -> leads.greetSoon(at, now));
    }
  }

  private void heard(Moment now, Intro intro, Optional<Belief> ofMe, List<PollEffect> effects) {
    if (intro.id().equals(config.self())) {
      return;
    }
    ofMe.ifPresent(this::refute);
    Life life = table.find(intro.id());
    if (life != null && life.boot.equals(intro.boot())) {
      evidence(now, life, intro, effects);
    } else if (life == null || !life.isFormer(intro.boot()) || life.mayGiveWayTo(intro.boot())) {
      // it is greeted before it counts: its settings are compared, and it is there to answer
      intro.endpoint().ifPresent(at -> leads.greetSoon(at, now));
    }
  }

  private void answered(
      Moment now, NodeId asked, Intro intro, Optional<Belief> ofMe, List<PollEffect> effects) {
    pollOver(asked);
    if (!asked.equals(intro.id())) {
      MemberTable.report(
          effects,
          Trouble.ENDPOINT_CONFLICT,
          "asked for " + asked + " but " + intro.id() + " answered at its address");
    }
    if (ofMe.isEmpty()) {
      // it does not know this life of ours: it restarted or forgot us
      intro.endpoint().ifPresent(at -> leads.greetSoon(at, now));
    }
    heard(now, intro, ofMe, effects);
  }

  /// Direct evidence from the life on record.
  private void evidence(Moment now, Life life, Intro intro, List<PollEffect> effects) {
    if (!rules.counts(life.state, life.incarnation, intro)) {
      return;
    }
    boolean newer = intro.incarnation().isAfter(life.incarnation);
    if (life.state == MemberState.DEAD && !newer) {
      // sticky for this incarnation: the poll tells it, and it answers with a higher one
      life.nextPoll = now;
      life.pollLost = Moment.MIN;
      return;
    }
    life.incarnation = intro.incarnation();
    life.relayed = false;
    if (!life.endpoint.equals(intro.endpoint())) {
      table.address(life, intro, effects);
    }
    table.revive(now, now, life, effects);
  }

  /// SWIM, section 4.2: only the member itself answers a suspicion, with a higher incarnation.
  private void refute(Belief ofMe) {
    if (left || !ofMe.boot().equals(config.boot()) || ofMe.state() == MemberState.ALIVE) {
      return;
    }
    if (ofMe.state() != MemberState.LEFT) {
      incarnation = rules.refuting(incarnation, ofMe);
    }
  }

  private void goodbye(Moment now, Intro intro, List<PollEffect> effects) {
    Life life = table.find(intro.id());
    if (life != null && life.boot.equals(intro.boot()) && life.state != MemberState.LEFT) {
      table.leave(now, life, effects);
    }
  }

  // ---- time

  private void tick(Moment now, List<PollEffect> effects) {
    doubt = table.cutOff(now) ? 2 : 1;
    for (Life life : table.all()) {
      judge(now, life, effects);
    }
    if (left) {
      return;
    }
    leads.due(now, table::isLive).forEach(at -> effects.add(new PollEffect.Greet(at)));
    table.all().forEach(life -> poll(now, life, effects));
  }

  private void judge(Moment now, Life life, List<PollEffect> effects) {
    Duration silence = now.since(life.silentSince);
    Duration settled = now.since(life.stateSince);
    switch (life.state) {
      case ALIVE, SUSPECT -> {
        MemberState next =
            rules.silent(
                life.state,
                silence,
                timing.suspectAfter().multipliedBy(doubt),
                timing.deadAfter().multipliedBy(doubt));
        if (next != life.state) {
          boolean dead = next == MemberState.DEAD;
          life.state = next;
          life.stateSince = now;
          table.changed(
              effects, dead ? MembershipEvent.Died::new : MembershipEvent.Suspected::new, life);
        }
      }
      case DEAD, LEFT -> {
        switch (Afterlife.of(life.state, life.retired, settled, timing)) {
          case PURGE -> {
            table.remove(life);
            table.changed(effects, MembershipEvent.Purged::new, life);
          }
          case RETIRE -> {
            life.retired = true;
            table.changed(effects, MembershipEvent.Retired::new, life);
          }
          case REST -> {}
        }
      }
    }
  }

  private void poll(Moment now, Life life, List<PollEffect> effects) {
    if (life.endpoint.isEmpty()
        || life.state == MemberState.LEFT
        || now.isBefore(life.nextPoll)
        || now.isBefore(life.pollLost)) {
      return;
    }
    Duration gap =
        life.isLive()
            ? timing.heartbeat()
            : timing.deadAfter().multipliedBy(table.isVoter(life.id) ? 1 : 2);
    Moment regular = life.nextPoll.plus(gap);
    life.nextPoll = regular.isAfter(now) ? regular : now.plus(gap);
    // On a stream nobody says that a poll failed: it is given up when a call would have been.
    life.pollLost = now.plus(timing.requestTimeout());
    effects.add(new PollEffect.Poll(life.id, life.endpoint.get(), life.belief()));
  }

  private void pollOver(NodeId asked) {
    Life life = table.find(asked);
    if (life != null) {
      life.pollLost = Moment.MIN;
    }
  }

  /// Silence during an own stall proves nothing about others.
  private void forgiveOwnStall(Moment now) {
    Duration gap = now.since(lastStep);
    lastStep = now;
    if (gap.compareTo(timing.heartbeat()) > 0) {
      table.all().stream()
          .filter(Life::isLive)
          .forEach(life -> life.silentSince = life.silentSince.plus(gap));
    }
  }
}
