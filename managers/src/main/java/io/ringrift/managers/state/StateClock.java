package io.ringrift.managers.state;

import com.google.protobuf.Timestamp;
import io.ringrift.kernel.Pure;
import io.ringrift.state.v1.StoredClock;
import io.ringrift.state.v1.VoterRecord;
import org.jspecify.annotations.Nullable;

/// Ledger time, greatest epoch and counters of the state. Nothing here ever falls.
@Pure
final class StateClock {
  private final Changes changes;
  private StoredClock now = StoredClock.getDefaultInstance();
  private boolean stored;

  StateClock(Changes changes) {
    this.changes = changes;
  }

  void load(StoredClock value) {
    now = value;
    stored = true;
  }

  long ledgerMillis() {
    return now.getLedgerMillis();
  }

  long epoch() {
    return now.getEpoch();
  }

  boolean backpressure() {
    return now.getBackpressure();
  }

  int queueSoftLimit() {
    return now.getQueueSoftLimit();
  }

  /// Wall clock of the last stamp, for people.
  Timestamp wallTime() {
    long millis = now.getWallMillis();
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(millis, 1000L))
        .setNanos((int) Math.floorMod(millis, 1000L) * 1_000_000)
        .build();
  }

  /// Ledger time once this stamp is taken over. It may jump by a day at most in one step, so that
  /// one absurd stamp cannot end every claim for ever.
  long after(long stampMillis) {
    return Math.max(
        now.getLedgerMillis(), Math.min(stampMillis, now.getLedgerMillis() + 86_400_000L));
  }

  /// Takes a stamp over.
  void advance(long ledgerMillis, long wallMillis) {
    set(now.toBuilder().setLedgerMillis(after(ledgerMillis)).setWallMillis(wallMillis).build());
  }

  void openEpoch(long epoch) {
    set(now.toBuilder().setEpoch(Math.max(now.getEpoch(), epoch)).build());
  }

  boolean founded() {
    return now.getFounded();
  }

  void found() {
    set(now.toBuilder().setFounded(true).build());
  }

  /// Change of mode under way; empty when there is none.
  String switchId() {
    return now.getSwitchId();
  }

  String targetMode() {
    return now.getTargetMode();
  }

  /// The change of mode is complete and nothing more is done in this log.
  boolean ended() {
    return now.getEnded();
  }

  /// Mode of the last complete change; empty when there was none.
  String mode() {
    return now.getMode();
  }

  /// Epoch of that change.
  long modeEpoch() {
    return now.getModeEpoch();
  }

  /// What is said of voters; empty while the configured ones were never changed.
  VoterRecord voters() {
    return now.getVoters();
  }

  void voters(VoterRecord record) {
    set(now.toBuilder().setVoters(record).build());
  }

  void seal(String switchId, String targetMode) {
    set(now.toBuilder().setSwitchId(switchId).setTargetMode(targetMode).build());
  }

  void unseal() {
    set(now.toBuilder().clearSwitchId().clearTargetMode().clearEnded().build());
  }

  void completeSwitch(boolean sameLog) {
    set(
        now.toBuilder()
            .setEnded(!sameLog)
            .setMode(now.getTargetMode())
            .setModeEpoch(now.getEpoch())
            .build());
  }

  /// Takes over, of a state that this one replaces, what must never fall. Orders of before do not
  /// count any more: the epoch is one that neither state ever had, so whoever leads has to be
  /// elected again. Only a log that began in a greater epoch than the state which it founds goes on
  /// in its own.
  void outrun(StateClock replaced) {
    set(
        now.toBuilder()
            .setLedgerMillis(Math.max(now.getLedgerMillis(), replaced.now.getLedgerMillis()))
            .setEpoch(epochAfter(replaced))
            .setLastClaimToken(Math.max(now.getLastClaimToken(), replaced.now.getLastClaimToken()))
            .setLastSequence(Math.max(now.getLastSequence(), replaced.now.getLastSequence()))
            .setFounded(true)
            .clearSwitchId()
            .clearTargetMode()
            .clearEnded()
            .setMode(replaced.now.getMode())
            .setModeEpoch(replaced.now.getModeEpoch())
            .setVoters(votersAfter(replaced))
            .build());
  }

  private long epochAfter(StateClock replaced) {
    boolean founds = !replaced.founded();
    return founds && now.getEpoch() < replaced.epoch()
        ? replaced.epoch()
        : Math.max(now.getEpoch(), replaced.epoch()) + 1;
  }

  /// The voters are this cluster's own: only a log that has just begun takes them from the state
  /// that the former log left. A change that was under way there is over.
  private VoterRecord votersAfter(StateClock replaced) {
    VoterRecord here = replaced.now.getVoters();
    VoterRecord brought = now.getVoters();
    if (replaced.founded() || brought.getLastVersion() <= here.getLastVersion()) {
      return here;
    }
    return brought.toBuilder().clearPending().clearChangeId().build();
  }

  long nextClaimToken() {
    long token = now.getLastClaimToken() + 1;
    set(now.toBuilder().setLastClaimToken(token).build());
    return token;
  }

  long nextSequence() {
    long sequence = now.getLastSequence() + 1;
    set(now.toBuilder().setLastSequence(sequence).build());
    return sequence;
  }

  void backpressure(boolean active, int softLimit) {
    set(now.toBuilder().setBackpressure(active).setQueueSoftLimit(softLimit).build());
  }

  private void set(StoredClock next) {
    @Nullable StoredClock before = stored ? now : null;
    if (!next.equals(before)) {
      changes.record(Family.CLOCK, Keys.of("clock"), before, next);
      now = next;
      stored = true;
    }
  }
}
