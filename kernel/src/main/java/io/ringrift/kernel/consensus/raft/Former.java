package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sees to it that two divisions never touch the same state or folder: closes each on a thread of
/// its own, and tells whether anything of the last one is left. The one that opens and closes
/// divisions calls it; the last close may come from another thread.
final class Former {
  private static final Logger LOG = LoggerFactory.getLogger(Former.class);
  private static final Duration TOLD_EVERY = Duration.ofSeconds(10);

  private final String name;
  private final Duration patience;
  private final Duration longest;
  private volatile @Nullable CommandMachine machine;
  private volatile @Nullable Thread closer;

  /// When the last division is abandoned; MAX while it is not being closed.
  private Moment abandonAt = Moment.MAX;

  private Moment tellAt = Moment.MIN;
  private boolean given;

  /// @param patience how long a close may wait for what is executed, before that is abandoned
  /// @param longest how long `end` waits after that
  Former(String name, Duration patience, Duration longest) {
    this.name = name;
    this.patience = patience;
    this.longest = longest;
  }

  /// A division is opened over that machine.
  ///
  /// @throws IllegalStateException when something of the one before is left: ask `left` first
  void opens(CommandMachine next) {
    remains()
        .ifPresent(
            what -> {
              next.close();
              throw new IllegalStateException("another division over a state in use: " + what);
            });
    machine = next;
    closer = null;
    abandonAt = Moment.MAX;
    tellAt = Moment.MIN;
  }

  /// Closes what was taken out of use; does not block.
  ///
  /// @param close closes the division, and may block
  void close(Moment now, Runnable close) {
    abandonAt = now.plus(patience);
    closer = Thread.ofPlatform().daemon().name("closer-" + name).start(() -> run(close));
  }

  private static void run(Runnable close) {
    try {
      close.run();
    } catch (Refusal e) {
      LOG.warn("{}", e.text());
    } catch (RuntimeException e) {
      LOG.warn("closing raft failed", e);
    }
  }

  /// What is left of the last division, so that no other may be opened; empty when nothing is.
  /// Abandons what waits to be executed once closing took too long.
  Optional<String> left(Moment now) {
    Optional<String> left = remains();
    CommandMachine last = machine;
    if (left.isPresent() && last != null && !now.isBefore(abandonAt)) {
      last.abandon();
    }
    if (left.isPresent() && !now.isBefore(tellAt)) {
      if (!tellAt.equals(Moment.MIN)) {
        LOG.warn("{}; raft begins again when that ends, or restart this node", left.get());
      }
      tellAt = now.plus(TOLD_EVERY);
    }
    return left;
  }

  private Optional<String> remains() {
    Thread closing = closer;
    CommandMachine last = machine;
    if (closing != null && closing.isAlive()) {
      return Optional.of("the former raft division is still being closed");
    }
    return last != null && !last.ended()
        ? Optional.of("the state machine is still busy with what a former raft division gave it")
        : Optional.empty();
  }

  /// Waits until nothing of the last division is left, abandoning what takes too long.
  ///
  /// @throws Refusal STORAGE_FAILED when something is left: nothing may be opened over this state
  ///   in this process any more
  void end() {
    try {
      if (!given && !within(patience)) {
        CommandMachine last = machine;
        if (last != null) {
          last.abandon();
        }
        var _ = within(longest);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    given = true;
    remains()
        .ifPresent(
            what -> {
              throw new Refusal(
                  Reason.STORAGE_FAILED,
                  what + "; end this process and start it again, and look at its disk");
            });
  }

  private boolean within(Duration limit) throws InterruptedException {
    Thread closing = closer;
    CommandMachine last = machine;
    return (closing == null || closing.join(limit)) && (last == null || last.awaitEnd(limit));
  }
}
