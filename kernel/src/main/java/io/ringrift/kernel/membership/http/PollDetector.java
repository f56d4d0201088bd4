package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.Endpoint;
import io.ringrift.kernel.Incarnation;
import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.membership.http.PollEffect.Trouble;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Belief;
import io.ringrift.kernel.wire.Intro;
import io.ringrift.kernel.wire.MemberReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// Failure detection by polling (SPEC 2.2 to 2.4), with the incarnations of SWIM (section 4.2) and
/// the self-doubt of Lifeguard. A function of (state, now, input); one thread owns it.
///
/// Silence alone judges: a failed poll changes nothing. A poll received is evidence as good as a
/// poll answered. Hearsay never makes a member that can be dialled ALIVE; outbound-only nodes are
/// the exception, because only the holders of their streams can see them.
@Pure
final class PollDetector {
  private final DetectorConfig config;
  private final Timing timing;
  private final TreeMap<NodeId, Life> lives = new TreeMap<>();
  private final Leads leads;
  private Incarnation incarnation = Incarnation.ZERO;
  private boolean left;
  private int doubt = 1;
  private Moment lastStep;

  PollDetector(DetectorConfig config, Moment start) {
    this.config = config;
    this.timing = config.timing();
    this.leads = new Leads(timing.heartbeat(), timing.deadAfter());
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
          reports.forEach(report -> learned(now, teller, report, effects));
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
    return Optional.ofNullable(lives.get(intro.id()))
        .filter(life -> life.boot.equals(intro.boot()))
        .map(Life::belief);
  }

  /// Immutable view, sorted by node id, this node included.
  List<Member> members(Moment now) {
    var members = new TreeMap<NodeId, Member>();
    members.put(config.self(), self(now));
    lives.values().forEach(life -> members.put(life.id, member(life)));
    return List.copyOf(members.values());
  }

  /// Known by another node's word only.
  boolean relayed(NodeId id) {
    Life life = lives.get(id);
    return life != null && life.relayed;
  }

  private Member self(Moment now) {
    return new Member(
        config.self(),
        config.boot(),
        incarnation,
        left ? MemberState.LEFT : MemberState.ALIVE,
        config.advertise(),
        isVoter(config.self()),
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
        report(effects, Trouble.DUPLICATE_ID, "another process calls itself " + intro.id());
      }
      return;
    }
    dialled.ifPresent(at -> leads.answered(at, intro.id()));
    Life life = lives.get(intro.id());
    if (life != null && life.boot.equals(intro.boot())) {
      evidence(now, life, intro, effects);
    } else if (life != null && intro.boot().equals(life.previousBoot)) {
      report(
          effects,
          Trouble.DUPLICATE_ID,
          "two processes call themselves "
              + intro.id()
              + ": boot "
              + intro.boot()
              + " came back after boot "
              + life.boot);
    } else {
      if (life == null && !makeRoom(intro.id(), effects)) {
        return;
      }
      Life born = life == null ? new Life(intro.id(), intro.boot(), now) : life;
      lives.put(intro.id(), born);
      born.begin(intro.boot(), intro.incarnation(), now);
      born.relayed = false;
      address(born, intro, effects);
      born.nextPoll = now.plus(stagger(born.id));
      changed(effects, MembershipEvent.Joined::new, born);
    }
  }

  private void heard(Moment now, Intro intro, Optional<Belief> ofMe, List<PollEffect> effects) {
    if (intro.id().equals(config.self())) {
      return;
    }
    ofMe.ifPresent(this::refute);
    Life life = lives.get(intro.id());
    if (life != null && life.boot.equals(intro.boot())) {
      evidence(now, life, intro, effects);
    } else if (life == null || !intro.boot().equals(life.previousBoot)) {
      // settings of this life were never compared: it is greeted before it counts
      intro.endpoint().ifPresent(at -> leads.greetSoon(at, now));
    }
  }

  private void answered(
      Moment now, NodeId asked, Intro intro, Optional<Belief> ofMe, List<PollEffect> effects) {
    pollOver(asked);
    if (!asked.equals(intro.id())) {
      report(
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
    boolean newer = intro.incarnation().isAfter(life.incarnation);
    boolean older = life.incarnation.isAfter(intro.incarnation());
    if (life.state == MemberState.LEFT || older) {
      return;
    }
    if (life.state == MemberState.DEAD && !newer) {
      // sticky for this incarnation: the poll tells it, and it answers with a higher one
      life.nextPoll = now;
      life.pollLost = Moment.MIN;
      return;
    }
    life.incarnation = intro.incarnation();
    life.relayed = false;
    if (!life.endpoint.equals(intro.endpoint())) {
      address(life, intro, effects);
    }
    revive(now, now, life, effects);
  }

  private void revive(Moment now, Moment heard, Life life, List<PollEffect> effects) {
    life.lastContact = life.lastContact.max(heard);
    life.silentSince = life.silentSince.max(heard);
    MemberState before = life.state;
    if (before == MemberState.ALIVE) {
      return;
    }
    life.state = MemberState.ALIVE;
    life.stateSince = now;
    life.retired = false;
    life.flapCount++;
    if (before == MemberState.SUSPECT) {
      changed(effects, MembershipEvent.Refuted::new, life);
    } else {
      life.nextPoll = now.plus(stagger(life.id));
      changed(effects, MembershipEvent.Joined::new, life);
    }
  }

  /// SWIM, section 4.2: only the member itself answers a suspicion, with a higher incarnation.
  private void refute(Belief ofMe) {
    if (left || !ofMe.boot().equals(config.boot()) || ofMe.state() == MemberState.ALIVE) {
      return;
    }
    if (ofMe.state() != MemberState.LEFT && !incarnation.isAfter(ofMe.incarnation())) {
      incarnation = ofMe.incarnation().next();
    }
  }

  private void goodbye(Moment now, Intro intro, List<PollEffect> effects) {
    Life life = lives.get(intro.id());
    if (life != null && life.boot.equals(intro.boot()) && life.state != MemberState.LEFT) {
      leave(now, life, effects);
    }
  }

  private void leave(Moment now, Life life, List<PollEffect> effects) {
    life.state = MemberState.LEFT;
    life.stateSince = now;
    changed(effects, MembershipEvent.Left::new, life);
  }

  // ---- hearsay

  private void learned(Moment now, NodeId teller, MemberReport report, List<PollEffect> effects) {
    if (report.id().equals(config.self())) {
      return;
    }
    if (report.outboundOnly()) {
      if (isVoter(teller) && !report.relayed()) {
        relayed(now, report, effects);
      }
      return;
    }
    boolean lives = report.state() == MemberState.ALIVE || report.state() == MemberState.SUSPECT;
    Life life = this.lives.get(report.id());
    boolean news =
        life == null
            || (!life.isLive()
                && !report.boot().equals(life.boot)
                && !report.boot().equals(life.previousBoot));
    if (lives && news) {
      report.endpoint().ifPresent(at -> leads.heardOf(at, now));
    }
  }

  /// A voter's own evidence of an outbound-only node, by its age. The usual clocks judge it.
  private void relayed(Moment now, MemberReport report, List<PollEffect> effects) {
    Moment heard = now.minus(report.age());
    Life life = lives.get(report.id());
    boolean fresh =
        report.state() == MemberState.ALIVE && report.age().compareTo(timing.suspectAfter()) < 0;
    if (life == null || !life.boot.equals(report.boot())) {
      boolean late =
          life != null
              && (report.boot().equals(life.previousBoot) || !heard.isAfter(life.silentSince));
      if (!fresh || late || (life == null && !makeRoom(report.id(), effects))) {
        return;
      }
      Life born = life == null ? new Life(report.id(), report.boot(), now) : life;
      lives.put(report.id(), born);
      born.begin(report.boot(), report.incarnation(), heard);
      born.relayed = true;
      born.outboundOnly = true;
      born.endpoint = Optional.empty();
      changed(effects, MembershipEvent.Joined::new, born);
      return;
    }
    if (!life.outboundOnly || life.state == MemberState.LEFT) {
      return;
    }
    if (report.state() == MemberState.LEFT) {
      leave(now, life, effects);
    } else if (fresh && heard.isAfter(life.silentSince) && outlives(life, heard)) {
      life.relayed = true;
      if (report.incarnation().isAfter(life.incarnation)) {
        life.incarnation = report.incarnation();
      }
      revive(now, heard, life, effects);
    }
  }

  /// A death that this node declared for want of news falls before news that is younger.
  private static boolean outlives(Life life, Moment heard) {
    return life.state != MemberState.DEAD || heard.isAfter(life.stateSince);
  }

  // ---- time

  private void tick(Moment now, List<PollEffect> effects) {
    doubt = cutOff(now) ? 2 : 1;
    for (Life life : List.copyOf(lives.values())) {
      judge(now, life, effects);
    }
    if (left) {
      return;
    }
    leads
        .due(now, id -> Optional.ofNullable(lives.get(id)).filter(Life::isLive).isPresent())
        .forEach(at -> effects.add(new PollEffect.Greet(at)));
    lives.values().forEach(life -> poll(now, life, effects));
  }

  private void judge(Moment now, Life life, List<PollEffect> effects) {
    Duration silence = now.since(life.silentSince);
    Duration settled = now.since(life.stateSince);
    switch (life.state) {
      case ALIVE -> {
        if (silence.compareTo(timing.suspectAfter().multipliedBy(doubt)) > 0) {
          life.state = MemberState.SUSPECT;
          life.stateSince = now;
          changed(effects, MembershipEvent.Suspected::new, life);
        }
      }
      case SUSPECT -> {
        if (silence.compareTo(timing.deadAfter().multipliedBy(doubt)) > 0) {
          life.state = MemberState.DEAD;
          life.stateSince = now;
          changed(effects, MembershipEvent.Died::new, life);
        }
      }
      case DEAD, LEFT -> {
        if (settled.compareTo(timing.purgeAfter()) > 0) {
          lives.remove(life.id);
          changed(effects, MembershipEvent.Purged::new, life);
        } else if (life.state == MemberState.DEAD
            && !life.retired
            && settled.compareTo(timing.retireAfter()) > 0) {
          life.retired = true;
          changed(effects, MembershipEvent.Retired::new, life);
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
            : timing.deadAfter().multipliedBy(isVoter(life.id) ? 1 : 2);
    Moment regular = life.nextPoll.plus(gap);
    life.nextPoll = regular.isAfter(now) ? regular : now.plus(gap);
    life.pollLost = now.plus(timing.heartbeat().multipliedBy(2));
    effects.add(new PollEffect.Poll(life.id, life.endpoint.get(), life.belief()));
  }

  private void pollOver(NodeId asked) {
    Life life = lives.get(asked);
    if (life != null) {
      life.pollLost = Moment.MIN;
    }
  }

  /// Lifeguard's local health, in its simplest form: who hears from less than a majority of all
  /// live members suspects its own link first.
  private boolean cutOff(Moment now) {
    int all = 1;
    int heard = 1;
    for (Life life : lives.values()) {
      if (life.isLive() && !life.relayed) {
        all++;
        if (now.since(life.silentSince).compareTo(timing.suspectAfter()) <= 0) {
          heard++;
        }
      }
    }
    return 2 * heard <= all;
  }

  /// Silence during an own stall proves nothing about others.
  private void forgiveOwnStall(Moment now) {
    Duration gap = now.since(lastStep);
    lastStep = now;
    if (gap.compareTo(timing.heartbeat()) > 0) {
      lives.values().stream()
          .filter(Life::isLive)
          .forEach(life -> life.silentSince = life.silentSince.plus(gap));
    }
  }

  // ---- the table

  private void address(Life life, Intro intro, List<PollEffect> effects) {
    life.addressed(intro);
    for (Life other : lives.values()) {
      if (other != life
          && other.isLive()
          && life.endpoint.isPresent()
          && other.endpoint.equals(life.endpoint)) {
        report(
            effects,
            Trouble.ENDPOINT_CONFLICT,
            life.id + " and " + other.id + " both claim " + life.endpoint.get());
      }
    }
  }

  /// At the bound, the longest dead non-voter gives way; the living are never forgotten.
  private boolean makeRoom(NodeId newcomer, List<PollEffect> effects) {
    if (lives.size() < config.maxMembers()) {
      return true;
    }
    Optional<Life> oldest =
        lives.values().stream()
            .filter(life -> !life.isLive() && !isVoter(life.id))
            .min(Comparator.comparing(life -> life.stateSince));
    if (oldest.isEmpty()) {
      report(
          effects,
          Trouble.TABLE_FULL,
          newcomer + " not admitted: " + config.maxMembers() + " members are here already");
      return false;
    }
    lives.remove(oldest.get().id);
    changed(effects, MembershipEvent.Purged::new, oldest.get());
    return true;
  }

  /// Offset of the polls of one target within the heartbeat, so that a node's polls, and those of
  /// all nodes at one target, are spread out.
  private Duration stagger(NodeId target) {
    int hash = 31 * config.self().value().hashCode() + target.value().hashCode();
    long spread = (hash * 0x9E3779B97F4A7C15L) >>> 48;
    return Duration.ofNanos(timing.heartbeat().toNanos() / 0x10000L * spread);
  }

  private boolean isVoter(NodeId id) {
    return config.voters().containsKey(id);
  }

  private Member member(Life life) {
    return life.member(isVoter(life.id));
  }

  private void changed(
      List<PollEffect> effects, Function<Member, MembershipEvent> event, Life life) {
    effects.add(new PollEffect.Changed(event.apply(member(life))));
  }

  private static void report(List<PollEffect> effects, Trouble trouble, String text) {
    effects.add(new PollEffect.Report(trouble, text));
  }
}
