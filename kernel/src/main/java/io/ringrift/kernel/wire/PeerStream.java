package io.ringrift.kernel.wire;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.micrometer.core.instrument.Counter;
import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import io.ringrift.ledger.v1.ExchangeRequest;
import io.ringrift.ledger.v1.ExchangeResponse;
import io.ringrift.ledger.v1.ReplicaServiceGrpc;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The outgoing stream to one voter. It has no thread: sending and the transport's readiness move
/// it. Messages wait only while the transport is busy or connecting; a failure drops them, because
/// an old message is worth less than a fresh one.
final class PeerStream {
  private static final int LIMIT = 1_024;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /// A stream is renewed now and then, so that no call is without an end.
  private static final Duration LIFETIME = Duration.ofHours(1);

  private record Waiting(ExchangeRequest message, boolean heartbeat) {}

  private final Supplier<Optional<Channel>> connector;
  private final Ticker ticker;
  private final Duration patience;
  private final Counter sent;
  private final Counter lost;
  private final Consumer<Refusal> refused;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private @Nullable Exchange open;
  private Duration pause = FIRST_PAUSE;
  private Moment nextTry = Moment.MIN;
  private Moment lastProgress = Moment.MIN;
  private boolean closed;

  /// @param refused told why the other voter ended a stream
  PeerStream(
      Supplier<Optional<Channel>> connector,
      Ticker ticker,
      Duration patience,
      Counter sent,
      Counter lost,
      Consumer<Refusal> refused) {
    this.connector = connector;
    this.ticker = ticker;
    this.patience = patience;
    this.sent = sent;
    this.lost = lost;
    this.refused = refused;
  }

  /// Sends in order or loses; never blocks on the network.
  void send(List<ExchangeRequest> messages, boolean heartbeat) {
    lock.lock();
    try {
      Moment now = ticker.now();
      giveUpStuck(now);
      Exchange exchange = open == null ? connect(now) : open;
      if (exchange == null) {
        lost.increment(messages.size());
        return;
      }
      for (ExchangeRequest message : messages) {
        makeRoom();
        waiting.add(new Waiting(message, heartbeat));
      }
      drain(exchange, now);
    } finally {
      lock.unlock();
    }
  }

  /// A whole snapshot may wait; otherwise the oldest heartbeat goes first, then the oldest message.
  private void makeRoom() {
    if (waiting.size() < LIMIT) {
      return;
    }
    lost.increment();
    for (var it = waiting.iterator(); it.hasNext(); ) {
      if (it.next().heartbeat()) {
        it.remove();
        return;
      }
    }
    waiting.removeFirst();
  }

  private void giveUpStuck(Moment now) {
    Exchange exchange = open;
    if (exchange != null && !waiting.isEmpty() && now.since(lastProgress).compareTo(patience) > 0) {
      open = null;
      lost.increment(waiting.size());
      waiting.clear();
      exchange.abandon("the other voter takes nothing");
    }
  }

  private @Nullable Exchange connect(Moment now) {
    if (closed || now.isBefore(nextTry)) {
      return null;
    }
    nextTry = now.plus(pause);
    pause = min(pause.multipliedBy(2), LONGEST_PAUSE);
    var channel = connector.get();
    if (channel.isEmpty()) {
      return null;
    }
    if (channel.get() instanceof ManagedChannel managed) {
      // gRPC's own pause between connections grows to minutes, past every lease.
      managed.resetConnectBackoff();
    }
    var exchange = new Exchange();
    open = exchange;
    lastProgress = now;
    ReplicaServiceGrpc.newStub(channel.get())
        .withDeadlineAfter(LIFETIME.toSeconds(), TimeUnit.SECONDS)
        .exchange(exchange);
    return open;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  private void drain(Exchange exchange, Moment now) {
    while (!waiting.isEmpty() && exchange.ready()) {
      exchange.next(waiting.removeFirst().message());
      sent.increment();
      lastProgress = now;
      pause = FIRST_PAUSE;
    }
  }

  void hurry() {
    lock.lock();
    try {
      nextTry = Moment.MIN;
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      Exchange exchange = open;
      open = null;
      if (exchange != null) {
        exchange.complete();
      }
    } finally {
      lock.unlock();
    }
  }

  private void writable(Exchange exchange) {
    lock.lock();
    try {
      if (exchange.equals(open)) {
        drain(exchange, ticker.now());
      }
    } finally {
      lock.unlock();
    }
  }

  private void ended(Exchange exchange) {
    lock.lock();
    try {
      if (exchange.equals(open)) {
        open = null;
        lost.increment(waiting.size());
        waiting.clear();
      }
    } finally {
      lock.unlock();
    }
  }

  /// One call.
  private final class Exchange
      implements ClientResponseObserver<ExchangeRequest, ExchangeResponse> {
    private @Nullable ClientCallStreamObserver<ExchangeRequest> call;

    @Override
    public void beforeStart(ClientCallStreamObserver<ExchangeRequest> requests) {
      call = requests;
      requests.setOnReadyHandler(() -> writable(this));
    }

    boolean ready() {
      return call != null && call.isReady();
    }

    void next(ExchangeRequest message) {
      if (call != null) {
        call.onNext(message);
      }
    }

    void complete() {
      if (call != null) {
        call.onCompleted();
      }
    }

    void abandon(String cause) {
      if (call != null) {
        call.cancel(cause, null);
      }
    }

    @Override
    public void onNext(ExchangeResponse response) {}

    @Override
    public void onError(Throwable failure) {
      ended(this);
      if (failure instanceof StatusRuntimeException status) {
        refused.accept(Errors.fromStatus(status));
      }
    }

    @Override
    public void onCompleted() {
      ended(this);
    }
  }
}
