package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.consensus.MemoryStateMachine;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/// Stands still in what it executes while a test holds it.
final class HeldMachine extends MemoryStateMachine {
  private static final int ALL = 1_000;

  private final Semaphore free = new Semaphore(ALL);
  private final AtomicInteger inside = new AtomicInteger();

  /// The most threads that ever executed something at once.
  final AtomicInteger most = new AtomicInteger();

  /// What it says of work on the whole state.
  volatile boolean busyWithAll;

  HeldMachine() {
    super(true);
  }

  void hold() {
    free.acquireUninterruptibly(ALL);
  }

  void release() {
    free.release(ALL);
  }

  /// How many threads execute something now.
  int inside() {
    return inside.get();
  }

  @Override
  public List<byte[]> apply(List<LogEntry> entries) {
    pass();
    return super.apply(entries);
  }

  @Override
  public String stateHash() {
    pass();
    return super.stateHash();
  }

  @Override
  public boolean busyWithAll() {
    return busyWithAll;
  }

  private void pass() {
    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
    free.acquireUninterruptibly();
    free.release();
    inside.decrementAndGet();
  }
}
