package io.ringrift.managers.sync;

import io.ringrift.kernel.NodeId;
import io.ringrift.kernel.Reason;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// What the node receives at once, over all requests, and how fast: together, and from each peer.
/// Safe for any thread.
final class Intake {
  private final Ticker ticker;
  private final SyncConfig config;
  private final Pace.Rest rest;
  private final Semaphore slots;
  private final Bandwidth total;
  private final Map<NodeId, Peer> peers = new HashMap<>();

  Intake(SyncConfig config, Ticker ticker) {
    this(config, ticker, due -> Pace.rest(ticker, due));
  }

  Intake(SyncConfig config, Ticker ticker, Pace.Rest rest) {
    this.ticker = ticker;
    this.rest = rest;
    this.config = config;
    this.slots = new Semaphore(config.maxConcurrentPulls());
    this.total = new Bandwidth(config.caps().bytesPerSecond(), ticker.now());
  }

  /// A peer that somebody receives from or waits for.
  private static final class Peer {
    private final Semaphore pulls;
    private final Semaphore slots;
    private final Bandwidth bandwidth;
    private int users;

    Peer(int most, Bandwidth bandwidth) {
      this.pulls = new Semaphore(most, true);
      this.slots = new Semaphore(most, true);
      this.bandwidth = bandwidth;
    }
  }

  /// A turn to receive.
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /// Waits for its turn to receive: first until few enough others begin at the same peer, so that
  /// those who wait for one peer take no turn from those who begin at another.
  Turn begin(NodeId first) throws InterruptedException {
    Peer peer = enter(first);
    boolean admitted = false;
    boolean begun = false;
    try {
      peer.pulls.acquire();
      admitted = true;
      begin();
      begun = true;
    } finally {
      if (!begun) {
        quit(first, peer, admitted);
      }
    }
    return () -> {
      end();
      quit(first, peer, true);
    };
  }

  private void quit(NodeId first, Peer peer, boolean admitted) {
    if (admitted) {
      peer.pulls.release();
    }
    leave(first, peer);
  }

  /// Waits for its turn to receive. Whoever had it gives it back.
  void begin() throws InterruptedException {
    slots.acquire();
  }

  /// Takes a turn that nobody waits for.
  ///
  /// @return false when there is none
  boolean beginSpare() {
    return !isWanted() && slots.tryAcquire();
  }

  void end() {
    slots.release();
  }

  /// Whether somebody waits for a turn.
  boolean isWanted() {
    return slots.hasQueuedThreads();
  }

  /// Waits until a peer may send one thing more to this node; closing the pace ends it. The caller
  /// has a turn, which goes to others while the peer lets it wait.
  ///
  /// @throws Refusal OVERLOADED when that takes longer than a transfer may
  Pace from(NodeId node) throws InterruptedException {
    Peer peer = enter(node);
    boolean taken = false;
    try {
      taken = peer.slots.tryAcquire(0, TimeUnit.SECONDS) || waited(peer);
      if (!taken) {
        throw new Refusal(
            Reason.OVERLOADED,
            node
                + " sends "
                + config.caps().maxPerPeer()
                + " things to this node already, as sync.max_per_peer allows; ask again later");
      }
      return new Pace(
          ticker,
          List.of(total, peer.bandwidth),
          rest,
          ticker.now().plus(config.transferTimeout()),
          () -> {
            peer.slots.release();
            leave(node, peer);
          });
    } finally {
      if (!taken) {
        leave(node, peer);
      }
    }
  }

  private boolean waited(Peer peer) throws InterruptedException {
    end();
    try {
      return peer.slots.tryAcquire(config.transferTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      // Whoever has a slot and no turn waits for those only who have a turn and go on.
      slots.acquireUninterruptibly();
    }
  }

  Ticker ticker() {
    return ticker;
  }

  private Peer enter(NodeId node) {
    synchronized (peers) {
      var caps = config.caps();
      Peer peer =
          peers.computeIfAbsent(
              node,
              _ -> new Peer(caps.maxPerPeer(), new Bandwidth(caps.ofPeer(node), ticker.now())));
      peer.users++;
      return peer;
    }
  }

  private void leave(NodeId node, Peer peer) {
    synchronized (peers) {
      peer.users--;
      if (peer.users == 0) {
        peers.remove(node);
      }
    }
  }
}
