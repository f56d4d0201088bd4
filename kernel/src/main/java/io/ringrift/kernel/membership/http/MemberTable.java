package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.Member;
import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.membership.http.PollEffect.Trouble;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.Intro;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The bounded table of lives, and the changes of one row that several rules share.
@Pure
final class MemberTable {
  private final DetectorConfig config;
  private final Timing timing;
  private final TreeMap<NodeId, Life> lives = new TreeMap<>();

  MemberTable(DetectorConfig config) {
    this.config = config;
    this.timing = config.timing();
  }

  @Nullable Life find(NodeId id) {
    return lives.get(id);
  }

  boolean isLive(NodeId id) {
    Life life = lives.get(id);
    return life != null && life.isLive();
  }

  /// The rows, sorted by node id; a copy.
  Collection<Life> all() {
    return List.copyOf(lives.values());
  }

  void put(Life life) {
    lives.put(life.id, life);
  }

  void remove(Life life) {
    lives.remove(life.id);
  }

  void revive(Moment now, Moment heard, Life life, List<PollEffect> effects) {
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

  void leave(Moment now, Life life, List<PollEffect> effects) {
    life.state = MemberState.LEFT;
    life.stateSince = now;
    changed(effects, MembershipEvent.Left::new, life);
  }

  /// Lifeguard's local health, in its simplest form: who hears from less than a majority of all
  /// live members suspects its own link first.
  boolean cutOff(Moment now) {
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

  void address(Life life, Intro intro, List<PollEffect> effects) {
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
  boolean makeRoom(NodeId newcomer, List<PollEffect> effects) {
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
  Duration stagger(NodeId target) {
    int hash = 31 * config.self().value().hashCode() + target.value().hashCode();
    long spread = (hash * 0x9E3779B97F4A7C15L) >>> 48;
    return Duration.ofNanos(timing.heartbeat().toNanos() / 0x10000L * spread);
  }

  boolean isVoter(NodeId id) {
    return config.voters().containsKey(id);
  }

  Member member(Life life) {
    return life.member(isVoter(life.id));
  }

  void changed(List<PollEffect> effects, Function<Member, MembershipEvent> event, Life life) {
    effects.add(new PollEffect.Changed(event.apply(member(life))));
  }

  static void report(List<PollEffect> effects, Trouble trouble, String text) {
    effects.add(new PollEffect.Report(trouble, text));
  }
}
