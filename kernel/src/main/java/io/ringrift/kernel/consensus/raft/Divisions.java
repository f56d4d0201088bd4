package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.consensus.Refusals;
import io.ringrift.kernel.time.Moment;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps one division open: opens the first, and another when it stopped, because a log that failed
/// once stays failed and a closed division goes on answering. The driver's thread opens and closes;
/// any thread reads.
final class Divisions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Divisions.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int MAX_RETRIES = 30;

  /// How long a close waits for what is being executed, and how long this voter's end does then.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration LONGEST = Duration.ofMinutes(1);
  static final String FOLDER = "raft";

  private final RaftSetup setup;
  private final PeerNames names;
  private final RaftProperties properties;
  private final Parameters parameters = new Parameters();
  private final Followers followers = new Followers();
  private final GuardedService guard;
  private final RaftMeta meta;
  private final DivisionEvents events;
  private volatile @Nullable RaftDivision division;
  private @Nullable RaftDivision stopped;
  private final Former former;
  private final ReentrantLock life = new ReentrantLock();
  private volatile boolean over;
  private volatile Applied applied = new Applied(0, -1, Epoch.ZERO, Optional.empty(), "");
  private Moment retryAt = Moment.MIN;
  private Duration spent = Duration.ZERO;
  private int retries;
  private boolean proven;

  Divisions(
      RaftSetup setup,
      PeerNames names,
      DivisionEvents events,
      UnaryOperator<RaftProperties> tuned) {
    this.setup = setup;
    this.names = names;
    this.events = events;
    this.former = new Former(setup.self().value(), PATIENCE, LONGEST);
    this.meta = new RaftMeta(folder(), group(), setup.self());
    if (meta.damaged()) {
      // What it said in the last moment before it was damaged may be missing from the note.
      note(unproven());
    }
    boolean restarted = Files.isDirectory(group()) && !Files.exists(unproven());
    this.properties = tuned.apply(RaftTuning.properties(setup.config(), folder()));
    RaftConfigKeys.Rpc.setType(properties, new LeasedGrpc());
    var promise = new VoteGuard(setup.config().hold(), setup.ticker().now(), restarted);
    this.guard = new GuardedService(setup.self(), promise, setup.ticker(), this::synced);
    GrpcConfigKeys.Server.setServicesCustomizer(parameters, guard);
    LeasedGrpc.watch(parameters, followers, setup.config().heartbeat());
    if (!restarted) {
      note(unproven());
    }
    setup.config().tls().ifPresent(tls -> GrpcConfigKeys.TLS.setConf(parameters, conf(tls)));
  }

  private static GrpcTlsConfig conf(RaftTls tls) {
    return new GrpcTlsConfig(
        tls.key().toFile(), tls.certificate().toFile(), tls.authority().toFile(), true);
  }

  Path folder() {
    Path folder = setup.folder().resolve(FOLDER);
    try {
      Files.createDirectories(folder);
      return folder;
    } catch (IOException e) {
      throw new Refusal(
          Reason.STORAGE_FAILED, "creating " + folder + " failed: " + e.getMessage(), e);
    }
  }

  /// There while this voter began with an empty log and has not caught up, over restarts too.
  private Path unproven() {
    return folder().resolve("unproven");
  }

  private static void note(Path mark) {
    try (var channel =
        FileChannel.open(mark, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (IOException e) {
      throw new Refusal(Reason.STORAGE_FAILED, "writing " + mark + " failed: " + e, e);
    }
  }

  private void settleProof() {
    if (!proven && !guard.rebuilding()) {
      try {
        Files.deleteIfExists(unproven());
        proven = true;
      } catch (IOException e) {
        throw new Refusal(Reason.STORAGE_FAILED, "removing " + unproven() + " failed: " + e, e);
      }
    }
  }

  private Path group() {
    String name = RaftDivision.group(setup.clusterId()).getUuid().toString();
    return setup.folder().resolve(FOLDER).resolve(name);
  }

  Optional<RaftDivision> current() {
    return Optional.ofNullable(division);
  }

  Followers followers() {
    return followers;
  }

  Applied applied() {
    return applied;
  }

  /// @throws Refusal STORAGE_FAILED, STORAGE_CORRUPT or DISK_FULL
  void open() {
    life.lock();
    try {
      openAlone();
    } finally {
      life.unlock();
    }
  }

  private void openAlone() {
    requireLife();
    inspectLog();
    if (meta.mend()) {
      tellDamage("term and vote of raft");
    }
    var machine =
        new CommandMachine(
            setup.self().value(),
            setup.machine(),
            setup.config().snapshotEvery(),
            new Watched(),
            setup.onFatal(),
            this::tellMended);
    former.opens(machine);
    var opened =
        RaftDivision.open(
            new RaftDivision.Parts(
                setup.clusterId(),
                setup.self(),
                setup.joins() ? List.of() : setup.voters(),
                names,
                properties,
                parameters),
            machine,
            this::entomb);
    if (over) {
      entomb(opened::close); // the end may have waited for this in vain
      throw Refusals.shuttingDown();
    }
    division = opened;
  }

  private void tellMended(String what) {
    LOG.warn("damaged and mended: {}", what);
    tellDamage(what);
  }

  private void tellDamage(String what) {
    setup.audit().record("corrupt-found", applied.epoch(), Map.of("what", what));
  }

  private void entomb(Runnable close) {
    former.close(setup.ticker().now(), close);
  }

  private void requireLife() {
    if (over) {
      throw Refusals.shuttingDown();
    }
  }

  private void inspectLog() {
    try {
      LogInspection.inspect(folder(), group().resolve("current"));
    } catch (Refusal refusal) {
      if (refusal.reason() == Reason.STORAGE_CORRUPT) {
        tellDamage(refusal.text());
      }
      throw refusal;
    }
  }

  private long synced() {
    RaftDivision open = division;
    return open == null ? -1 : open.synced();
  }

  /// See `GuardedService.followed`. Any thread.
  Optional<Followed> followed() {
    return guard.followed();
  }

  /// See `GuardedService.stand`.
  boolean stand(long behind, BooleanSupplier election) {
    return guard.stand(behind, election);
  }

  /// See `GuardedService.holdsBack`. Any thread.
  void holdsBack(String why) {
    guard.holdsBack(why);
  }

  /// See `VoteGuard.holdsOffice`. Any thread.
  boolean holdsOffice(Moment until, long settledBefore) {
    return guard.holdsOffice(until, settledBefore);
  }

  /// See `VoteGuard.settled`. Any thread.
  long settledVotes() {
    return guard.settled();
  }

  /// Takes a division that stopped out of use, and opens another once a second. What it took out of
  /// use is closed by `bury`, so that the office ends first.
  ///
  /// @return why it stopped, once
  /// @throws IllegalStateException when it did not come back
  Optional<String> keep(Moment now) {
    RaftDivision open = division;
    if (open == null) {
      reopen(now);
      return Optional.empty();
    }
    meta.note(open.info().getCurrentTerm());
    guard.stands(applied.index(), open.info().isLeader());
    settleProof();
    if (!open.ended()) {
      retries = 0;
      return Optional.empty();
    }
    String cause = open.failure().orElse("the raft division stopped");
    division = null;
    stopped = open;
    retryAt = now.plus(RETRY);
    return Optional.of(cause);
  }

  /// Takes a division out of use that is well but of no use, and opens another at the next turn.
  void renew() {
    stopped = division;
    division = null;
    retryAt = Moment.MIN;
  }

  /// Closes what was taken out of use; does not block. Another is opened once that is done.
  void bury() {
    RaftDivision open = stopped;
    stopped = null;
    if (open != null) {
      entomb(open::close);
    }
  }

  /// Time that went into opening since this was asked last: no sign of a stall.
  Duration spent() {
    Duration told = spent;
    spent = Duration.ZERO;
    return told;
  }

  /// What waits for a former division is no failed try, however long it takes.
  private void reopen(Moment now) {
    if (former.left(now).isPresent() || now.isBefore(retryAt)) {
      return;
    }
    retryAt = now.plus(RETRY);
    Moment from = setup.ticker().now();
    life.lock();
    try {
      requireLife();
      setup.machine().reload();
      openAlone();
      spent = spent.plus(setup.ticker().now().since(from));
      LOG.info("raft runs again; this voter goes on");
    } catch (Refusal e) {
      LOG.warn("raft does not start yet: {}", e.text());
      if (e.reason() != Reason.DISK_FULL && ++retries >= MAX_RETRIES) {
        throw new IllegalStateException("raft did not come back: " + e.text(), e);
      }
    } finally {
      life.unlock();
    }
  }

  /// Ends everything; waits until nothing touches the state machine any more.
  ///
  /// @throws Refusal STORAGE_FAILED when that does not end within some 70 seconds: nothing may be
  ///   opened over the state in this process any more
  @Override
  public void close() {
    over = true; // what is being opened is closed by who opens it
    try {
      awaitOpening();
      try {
        stopped = division == null ? stopped : division;
        division = null;
        bury();
        former.end();
      } finally {
        life.unlock();
      }
    } finally {
      meta.close();
    }
  }

  /// What is being opened right now would be missed.
  private void awaitOpening() {
    try {
      if (life.tryLock(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new Refusal(
        Reason.STORAGE_FAILED,
        "raft is still being opened, and does not end; end this process and start it again, and"
            + " look at its disk");
  }

  private final class Watched implements DivisionEvents {
    @Override
    public void applied(Applied now) {
      applied = now;
      events.applied(now);
    }

    @Override
    public void appending(long callId) {
      events.appending(callId);
    }

    @Override
    public void changed() {
      events.changed();
    }
  }
}
