package io.ringrift.managers.state;

import io.grpc.StatusRuntimeException;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.wire.Errors;
import io.ringrift.managers.Services;
import io.ringrift.state.v1.ApplyCommandRequest;
import io.ringrift.state.v1.Command;
import io.ringrift.state.v1.StateServiceGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Offers commands again that this voter had taken alone and that another leader's log displaced.
/// Their request ids make a repetition harmless. One virtual thread; bounded queue, tries and
/// waits.
final class Reoffers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reoffers.class);
  private static final int MOST_TRIES = 60;
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private final ArrayBlockingQueue<Command> queue =
      new ArrayBlockingQueue<>(ClusterStore.MOST_DROPPED);
  private final Services services;
  private final Thread worker;

  Reoffers(Services services) {
    this.services = services;
    this.worker = Thread.ofVirtual().name("state-reoffers").start(this::run);
  }

  /// Never blocks; what does not fit is lost as the client's own repeat will show.
  void offer(List<Command> commands) {
    for (Command command : commands) {
      if (!queue.offer(command)) {
        LOG.warn("no room to offer the command of request {} again", command.getRequestId());
      }
    }
  }

  private void run() {
    try {
      while (true) {
        Command next = queue.take();
        for (int tries = 1; !offered(next) && tries < MOST_TRIES; tries++) {
          LockSupport.parkNanos(this, PAUSE.toNanos());
          if (Thread.interrupted()) {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whether nothing more is to be done about the command.
  private boolean offered(Command command) {
    try {
      StateServiceGrpc.newBlockingStub(services.onLeader())
          .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
          .applyCommand(ApplyCommandRequest.newBuilder().setCommand(command).build());
      LOG.info("offered the command of request {} again", command.getRequestId());
      return true;
    } catch (StatusRuntimeException e) {
      return !passing(Errors.fromStatus(e).reason());
    } catch (Refusal e) {
      return !passing(e.reason());
    }
  }

  /// Refusals that another try may not meet.
  private static boolean passing(Reason reason) {
    return reason == Reason.NOT_LEADER
        || reason == Reason.NO_QUORUM
        || reason == Reason.UNREACHABLE
        || reason == Reason.SHUTTING_DOWN
        || reason == Reason.OVERLOADED
        || reason == Reason.BACKPRESSURE
        || reason == Reason.OUTCOME_UNKNOWN
        || reason == Reason.DEADLINE_EXCEEDED
        || reason == Reason.STALE_EPOCH;
  }

  @Override
  public void close() {
    worker.interrupt();
  }
}
