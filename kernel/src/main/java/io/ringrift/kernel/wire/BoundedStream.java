package io.ringrift.kernel.wire;

import io.grpc.stub.CallStreamObserver;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/// Sends messages down a stream as fast as the other end reads and holds a bounded number back. A
/// full buffer ends the stream: a reader that slow has to begin again from a fresh view. Safe for
/// any thread; never blocks on the network.
final class BoundedStream<T> {
  private final CallStreamObserver<T> stream;
  private final int limit;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<T> waiting = new ArrayDeque<>();
  private boolean ended;

  BoundedStream(CallStreamObserver<T> stream, int limit) {
    this.stream = stream;
    this.limit = limit;
  }

  /// @return false when the stream has ended or the buffer is full
  boolean offer(T message) {
    lock.lock();
    try {
      if (ended || waiting.size() >= limit) {
        return false;
      }
      waiting.add(message);
      drainHeld();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Room for another message right now, without holding it back.
  boolean isReady() {
    lock.lock();
    try {
      return !ended && waiting.isEmpty() && stream.isReady();
    } finally {
      lock.unlock();
    }
  }

  /// The transport has room again.
  void drain() {
    lock.lock();
    try {
      drainHeld();
    } finally {
      lock.unlock();
    }
  }

  /// Ends the stream in order.
  void complete() {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        stream.onCompleted();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Ends the stream with a failure.
  void fail(Throwable cause) {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        stream.onError(cause);
      }
    } finally {
      lock.unlock();
    }
  }

  /// The other end is gone: nothing is sent any more.
  void abandon() {
    lock.lock();
    try {
      ended = true;
      waiting.clear();
    } finally {
      lock.unlock();
    }
  }

  private void drainHeld() {
    while (!ended && stream.isReady() && !waiting.isEmpty()) {
      stream.onNext(waiting.remove());
    }
  }
}
