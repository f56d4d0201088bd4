package io.ringrift.managers.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ringrift.kernel.Epoch;
import io.ringrift.state.v1.Command;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// What the leader adds to a command before it is logged, so that applying it needs neither clock
/// nor chance: ids, seeds, limits, the digest of the body, wall and ledger time, epoch.
final class CommandStamps {
  private final LedgerClock clock;
  private final InstantSource wall;
  private final Supplier<String> ids;
  private final LongSupplier seeds;
  private final StateConfig config;

  CommandStamps(
      LedgerClock clock,
      InstantSource wall,
      Supplier<String> ids,
      LongSupplier seeds,
      StateConfig config) {
    this.clock = clock;
    this.wall = wall;
    this.ids = ids;
    this.seeds = seeds;
    this.config = config;
  }

  void open(long ledgerMillis) {
    clock.open(ledgerMillis);
  }

  /// Wall clock, for people.
  Timestamp wallTime() {
    var now = wall.instant();
    return Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()).build();
  }

  long ledgerMillis() {
    return clock.nowMillis();
  }

  /// Adds what stays the same however long the command waits. The digest is taken before ids and
  /// seeds are filled in, because a repeat comes without them; one that is there already is kept,
  /// because it belongs to what the client asked for.
  Command fill(Command command) {
    var filled = command.toBuilder();
    if (!command.getRequestId().isEmpty() && command.getBodyDigest().isEmpty()) {
      filled.setBodyDigest(digest(command));
    }
    if (command.hasAddJob()) {
      var add = filled.getAddJobBuilder().setByteLimit(config.mostKeptBytes());
      if (add.getJobId().isEmpty()) {
        add.setJobId(ids.get());
      }
      if (add.getSpec().getSeed() == 0) {
        add.getSpecBuilder().setSeed(seeds.getAsLong());
      }
    }
    if (command.hasAddWork()) {
      fillWork(filled);
    }
    return filled.build();
  }

  private void fillWork(Command.Builder command) {
    var add = command.getAddWorkBuilder();
    if (add.getWorkIdsCount() == 0) {
      for (int i = 0; i < add.getItemsCount(); i++) {
        add.addWorkIds(ids.get());
      }
    }
    for (var item : add.getItemsBuilderList()) {
      if (item.hasJob() && item.getJob().getSeed() == 0) {
        item.getJobBuilder().setSeed(seeds.getAsLong());
      }
    }
    add.setSoftLimit(config.queueSoftLimit())
        .setHardLimit(config.queueHardLimit())
        .setByteLimit(config.mostKeptBytes());
  }

  /// Adds time and epoch right before the command is logged.
  Command time(Command command, Epoch epoch) {
    return command.toBuilder()
        .setWallMillis(wall.millis())
        .setLedgerMillis(clock.nowMillis())
        .setEpoch(epoch.value())
        .build();
  }

  private static ByteString digest(Command command) {
    byte[] body =
        Keys.bytes(
            command.toBuilder()
                .clearRequestId()
                .clearWallMillis()
                .clearLedgerMillis()
                .clearEpoch()
                .build());
    try {
      return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
