package io.ringrift.kernel.membership.http;

import io.ringrift.kernel.MemberState;
import io.ringrift.kernel.MembershipEvent;
import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Pure;
import io.ringrift.kernel.Timing;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.wire.MemberReport;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What others tell of third nodes. Of a node that listens, only the endpoint is taken: it is
/// greeted, and never ALIVE by hearsay. An outbound-only node can be seen by the holders of its
/// streams alone, so a voter's own evidence of it counts, by its age.
@Pure
final class Hearsay {
  private final DetectorConfig config;
  private final Timing timing;
  private final MemberTable table;
  private final Leads leads;

  Hearsay(DetectorConfig config, MemberTable table, Leads leads) {
    this.config = config;
    this.timing = config.timing();
    this.table = table;
    this.leads = leads;
  }

  void learned(Moment now, NodeId teller, MemberReport report, List<PollEffect> effects) {
    if (report.id().equals(config.self())) {
      return;
    }
    if (report.outboundOnly()) {
      if (table.isVoter(teller) && !report.relayed()) {
        relayed(now, report, effects);
      }
      return;
    }
    boolean lives = report.state() == MemberState.ALIVE || report.state() == MemberState.SUSPECT;
    Life life = table.find(report.id());
    boolean news =
        life == null || (!report.boot().equals(life.boot) && life.mayGiveWayTo(report.boot()));
    if (lives && news) {
      report.endpoint().ifPresent(at -> leads.heardOf(at, now));
    }
  }

  /// A voter's own evidence of an outbound-only node, by its age. The usual clocks judge it.
  private void relayed(Moment now, MemberReport report, List<PollEffect> effects) {
    Moment heard = now.minus(report.age());
    Life life = table.find(report.id());
    boolean fresh =
        report.state() == MemberState.ALIVE && report.age().compareTo(timing.suspectAfter()) < 0;
    if (life == null || !life.boot.equals(report.boot())) {
      if (!fresh
          || isLate(life, report, heard)
          || (life == null && !table.makeRoom(report.id(), effects))) {
        return;
      }
      Life born = life == null ? new Life(report.id(), report.boot(), now) : life;
      table.put(born);
      born.begin(report.boot(), report.incarnation(), heard);
      born.relayed = true;
      born.outboundOnly = true;
      born.endpoint = Optional.empty();
      table.changed(effects, MembershipEvent.Joined::new, born);
      return;
    }
    if (!life.outboundOnly || life.state == MemberState.LEFT) {
      return;
    }
    if (report.state() == MemberState.LEFT) {
      table.leave(now, life, effects);
    } else if (fresh
        && !hasOwnWord(now, life)
        && heard.isAfter(life.silentSince)
        && outlives(life, heard)) {
      life.relayed = true;
      if (report.incarnation().isAfter(life.incarnation)) {
        life.incarnation = report.incarnation();
      }
      table.revive(now, heard, life, effects);
    }
  }

  /// Whether another life is known by younger word. One that gave way counts again only once the
  /// life that replaced it is over: see `PollDetector.cameBack`.
  private static boolean isLate(@Nullable Life life, MemberReport report, Moment heard) {
    if (life == null) {
      return false;
    }
    return life.isFormer(report.boot())
        ? !life.mayGiveWayTo(report.boot()) || !heard.isAfter(life.stateSince)
        : !heard.isAfter(life.silentSince);
  }

  /// Who hears a node itself needs no hearsay, which it could not pass on: two voters that each
  /// took the other's younger word would have none of their own to tell.
  private boolean hasOwnWord(Moment now, Life life) {
    return !life.relayed
        && now.since(life.silentSince).compareTo(timing.heartbeat().multipliedBy(2)) < 0;
  }

  /// A death that this node declared for want of news falls before news that is younger.
  private static boolean outlives(Life life, Moment heard) {
    return life.state != MemberState.DEAD || heard.isAfter(life.stateSince);
  }
}
