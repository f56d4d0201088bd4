package io.ringrift.kernel.consensus.raft;

import io.ringrift.kernel.consensus.MemoryStateMachine;
import io.ringrift.kernel.consensus.ledger.LogEntry;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// Stands still in what it executes while a test holds it.
final class HeldMachine extends MemoryStateMachine {
  private final ReentrantLock held = new ReentrantLock();

  HeldMachine() {
    super(true);
  }

  void hold() {
    held.lock();
  }

  /// The thread that held it lets it go on.
  void release() {
    held.unlock();
  }

  @Override
  public List<byte[]> apply(List<LogEntry> entries) {
    held.lock();
    try {
      return super.apply(entries);
    } finally {
      held.unlock();
    }
  }
}
