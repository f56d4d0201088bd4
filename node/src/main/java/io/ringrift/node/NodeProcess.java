package io.ringrift.node;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Epoch;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.boot.KernelConfig.ConsensusMode;
import io.ringrift.kernel.boot.KernelConfig.Voter;
import io.ringrift.node.config.NodeConfig;
import io.ringrift.node.config.Reload;
import io.ringrift.state.v1.GetVoterListResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running node: started whole or not at all, stopped in order by a signal, by request or by
/// `close`. Safe for any thread.
public final class NodeProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeProcess.class);
  private static final int FAILED = 1;
  private static final long LONGEST_STOP_SECONDS = 15;
  private static final long READY_CHECK_MILLIS = 20;

  /// Time for a leader to tell the others that the log has ended, and its caller.
  private static final long LAST_WORDS_MILLIS = 1000;

  private final CountDownLatch stopAsked = new CountDownLatch(1);
  private final AtomicInteger exitCode = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final ReentrantLock closing = new ReentrantLock();
  private final AtomicLong followed = new AtomicLong();
  private final NodeConfig configured;
  private final LiveConfig live;
  private final ModeMark mark;
  private final VoterCourse course;
  private final AtomicReference<VoterCourse.@Nullable Step> under = new AtomicReference<>();
  private final Thread hook;
  private volatile ConsensusMode mode;
  private volatile NodeAssembly assembly;

  private NodeProcess(LiveConfig live, ModeMark mark, VoterCourse course, BootId boot) {
    this.live = live;
    this.configured = live.node();
    this.mark = mark;
    this.course = course;
    this.mode = mark.over(configured.consensusMode());
    closing.lock();
    try {
      this.assembly = assemble(boot);
      course.remember();
    } finally {
      closing.unlock();
    }
    this.hook = Thread.ofPlatform().name("shutdown").unstarted(this::closeInTime);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /// Opens everything; returns when the port is bound.
  ///
  /// @throws io.ringrift.kernel.Refusal when the node cannot start: a port or folder in use,
  ///   damaged files that nobody can replace, a configuration that contradicts itself
  public static NodeProcess start(NodeConfig configured) {
    return start(configured, () -> configured);
  }

  /// The same, with a configuration that can be read again.
  ///
  /// @param reader reads it again; throws Refusal INVALID_ARGUMENT naming every fault
  public static NodeProcess start(NodeConfig configured, Supplier<NodeConfig> reader) {
    NodeLogging.level(configured.logLevel());
    var mark = new ModeMark(configured.stateDir());
    var course = new VoterCourse(configured);
    course.warn();
    var boot = newBoot();
    var node = new NodeProcess(new LiveConfig(configured, reader), mark, course, boot);
    NodeConfig config = course.over(node.mode);
    LOG.info(
        "node {} (boot {}) of cluster {} listens on {}; voters {}; membership {}, consensus {}",
        config.nodeId(),
        boot,
        config.clusterId(),
        config.listen(),
        config.voters().stream().map(Voter::id).toList(),
        config.membershipMode(),
        config.consensusMode());
    if (config.security().insecure() && config.security().token().isEmpty()) {
      LOG.warn("insecure: whoever can reach {} can start processes here", config.listen());
    }
    return node;
  }

  private static BootId newBoot() {
    return new BootId(new SecureRandom().nextLong());
  }

  private NodeAssembly assemble(BootId boot) {
    var following =
        new Following(
            this::switchTo,
            this::hear,
            course.inForce(),
            configured.voters().stream().map(Voter::id).toList(),
            course.takesPart(),
            course.self());
    return new NodeAssembly(course.over(mode), live, boot, this::fatal, this::stop, following);
  }

  /// Somebody's copy of the ledger says this of voters. Most of the time it is nothing new. While
  /// the node begins or ends it does not listen: it will be told again.
  private void hear(GetVoterListResponse heard) {
    if (!closing.tryLock()) {
      return;
    }
    try {
      var step = course.step(heard, mode);
      if (step.isPresent() && under.compareAndSet(null, step.get())) {
        Thread.ofPlatform().name("voters").start(() -> take(heard));
      }
    } finally {
      closing.unlock();
    }
  }

  private void take(GetVoterListResponse heard) {
    try {
      boolean stopped = stopAsked.await(LAST_WORDS_MILLIS, TimeUnit.MILLISECONDS);
      closing.lock();
      try {
        var step = course.step(heard, mode);
        if (stopped || closed.get() || step.isEmpty()) {
          return;
        }
        LOG.info("this node begins again: {}", step.get().what());
        assembly.close();
        course.take(step.get(), mode);
        assembly = assemble(newBoot());
      } finally {
        under.set(null);
        closing.unlock();
      }
    } catch (Refusal refusal) {
      LOG.error("this node cannot begin again with other voters: {}", refusal.text());
      fatal();
    } catch (RuntimeException e) {
      LOG.error("this node cannot begin again with other voters", e);
      fatal();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The cluster leaves for another mode of consensus, and this node with it. Jobs go on, as over
  /// any restart. Returns at once.
  private void switchTo(ConsensusMode mode, Epoch epoch) {
    if (followed.getAndAccumulate(epoch.value(), Math::max) < epoch.value()) {
      Thread.ofPlatform().name("mode-switch").start(() -> beginAgain(mode, epoch));
    }
  }

  private void beginAgain(ConsensusMode next, Epoch epoch) {
    try {
      boolean stopped = stopAsked.await(LAST_WORDS_MILLIS, TimeUnit.MILLISECONDS);
      closing.lock();
      try {
        if (mark.epoch().compareTo(epoch) >= 0) {
          return;
        }
        mark.changed(next, epoch, configured.consensusMode());
        if (stopped || closed.get()) {
          return;
        }
        LOG.info("consensus goes to {}: this node begins again", ModeMark.name(next));
        assembly.close();
        mode = next;
        assembly = assemble(newBoot());
      } finally {
        closing.unlock();
      }
    } catch (Refusal refusal) {
      LOG.error("this node cannot begin again in mode {}: {}", next, refusal.text());
      fatal();
    } catch (RuntimeException e) {
      LOG.error("this node cannot begin again in mode {}", next, e);
      fatal();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Reads the configuration again and puts into force what may change while the node runs. What
  /// came of it is in the log.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming every fault; then nothing changed
  public Reload reload() {
    return live.reload();
  }

  /// Waits until the node is told to stop.
  ///
  /// @return exit code: 0 after an orderly stop, 1 after a broken invariant
  public int awaitStop() throws InterruptedException {
    stopAsked.await();
    return exitCode.get();
  }

  /// Waits until the node can serve its role, or is told to stop.
  public void awaitReady() throws InterruptedException {
    while (unready().isPresent() && !stopAsked.await(READY_CHECK_MILLIS, TimeUnit.MILLISECONDS)) {}
  }

  /// Why this node cannot serve its role now; empty when it can. Never blocks.
  public Optional<String> unready() {
    return assembly.unready();
  }

  /// Releases the lease, leaves the cluster and closes everything; jobs go on. Repeating it waits
  /// for the first. Behind a broken invariant it waits no longer than on a signal.
  @Override
  public void close() {
    if (exitCode.get() == FAILED) {
      closeInTime();
    } else {
      closeAll();
    }
  }

  private void closeAll() {
    closing.lock();
    try {
      if (closed.getAndSet(true)) {
        return;
      }
      stopAsked.countDown();
      assembly.close();
      LOG.info("stopped");
    } finally {
      closing.unlock();
    }
    if (!stoppingVm()) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }

  private boolean stoppingVm() {
    return hook.getState() != Thread.State.NEW;
  }

  private void stop(String cause) {
    LOG.info("stopping: {}", cause);
    stopAsked.countDown();
  }

  /// A broken invariant: the node must not go on, and must not hang either.
  private void fatal() {
    LOG.error("a broken invariant stops this node; the lines above have the cause");
    exitCode.set(FAILED);
    stopAsked.countDown();
  }

  /// On a signal or a broken invariant: in order if that is quick, but in any case soon.
  private void closeInTime() {
    var closer = Thread.ofPlatform().name("closer").daemon().start(this::closeAll);
    try {
      if (!closer.join(Duration.ofSeconds(LONGEST_STOP_SECONDS))) {
        LOG.warn("not everything closed within {} s", LONGEST_STOP_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
