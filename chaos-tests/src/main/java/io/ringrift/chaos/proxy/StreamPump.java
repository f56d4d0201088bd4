package io.ringrift.chaos.proxy;

import io.ringrift.chaos.link.Link;
import io.ringrift.chaos.link.LinkRule;
import io.ringrift.kernel.time.Moment;
import io.ringrift.kernel.time.Ticker;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// One direction of one connection. A reader takes pieces off the sender and notes when each is
/// due; a writer hands them on in order. While the direction is cut the writer waits, the queue
/// fills, and the sender is stopped by TCP itself, as with a cable that is out.
final class StreamPump {
  private static final int PIECE = 16 << 10;
  private static final int MOST_PIECES = 32;

  /// What a lost segment costs: the least time after which Linux sends again.
  private static final Duration RESENT = Duration.ofMillis(200);

  /// @param end nothing follows, the sender has closed its side
  private record Piece(byte[] bytes, Moment due, boolean end, boolean half) {}

  private final Link link;
  private final Rules rules;
  private final Ticker ticker;
  private final SplittableRandom random;
  private final Optional<RequestPassage> requests;
  private final BlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(MOST_PIECES);
  private Moment lastDue;

  /// @param requests for the direction from who dialled; empty for the answers
  StreamPump(
      Link link,
      Rules rules,
      Ticker ticker,
      SplittableRandom random,
      Optional<RequestPassage> requests) {
    this.requests = requests;
    this.link = link;
    this.rules = rules;
    this.ticker = ticker;
    this.random = random;
    this.lastDue = ticker.now();
  }

  /// Reads until the sender ends or an error; one thread.
  void read(InputStream in) throws InterruptedException {
    try {
      var buffer = new byte[PIECE];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        pieces.put(piece(Arrays.copyOf(buffer, count)));
      }
    } catch (IOException ended) {
      // The same as its end: what came before is still handed on.
    }
    pieces.put(new Piece(new byte[0], lastDue, true, false));
  }

  private Piece piece(byte[] bytes) {
    LinkRule rule = rules.of(link);
    Moment due = ticker.now().plus(rule.delay());
    if (rule.delays()) {
      rules.strike(link);
    }
    if (!rule.jitter().isZero()) {
      due = due.plus(Duration.ofNanos(random.nextLong(rule.jitter().toNanos())));
    }
    if (struck(rule.lossPercent())) {
      due = due.plus(RESENT);
    }
    boolean half = struck(rule.truncatePercent());
    if (due.isAfter(lastDue)) {
      lastDue = due;
    }
    return new Piece(bytes, lastDue, false, half);
  }

  private boolean struck(int percent) {
    boolean struck = percent > 0 && random.nextInt(100) < percent;
    if (struck) {
      rules.strike(link);
    }
    return struck;
  }

  /// Writes what was read until the sender's end; one thread.
  ///
  /// @return false when the connection has to be reset, for the rules or an end of all
  boolean write(OutputStream out) throws IOException, InterruptedException {
    while (true) {
      Optional<Piece> next = next();
      if (next.isPresent()) {
        awaitDue(next.get().due());
      }
      if (!rules.awaitOpen(link, link) || rules.of(link).reset()) {
        return false;
      }
      if (next.isEmpty()) {
        write(out, requests.map(RequestPassage::due).orElse(List.of()));
      } else if (next.get().end()) {
        write(out, requests.map(RequestPassage::rest).orElse(List.of()));
        return true;
      } else if (next.get().half()) {
        byte[] bytes = next.get().bytes();
        write(out, requests.map(RequestPassage::rest).orElse(List.of()));
        out.write(bytes, 0, bytes.length / 2);
        return false;
      } else {
        hand(out, next.get().bytes());
      }
    }
  }

  /// None when something that is held has to go on first.
  private Optional<Piece> next() throws InterruptedException {
    Optional<Moment> held = requests.flatMap(RequestPassage::next);
    return held.isEmpty()
        ? Optional.of(pieces.take())
        : Optional.ofNullable(
            pieces.poll(held.get().since(ticker.now()).toNanos(), TimeUnit.NANOSECONDS));
  }

  private void hand(OutputStream out, byte[] bytes) throws IOException {
    if (requests.isEmpty()) {
      out.write(bytes);
      return;
    }
    write(out, requests.get().pass(bytes));
    requests.get().written();
    write(out, requests.get().due());
  }

  private static void write(OutputStream out, List<byte[]> all) throws IOException {
    for (byte[] each : all) {
      out.write(each);
    }
  }

  private void awaitDue(Moment due) {
    for (Moment now = ticker.now(); due.isAfter(now); now = ticker.now()) {
      LockSupport.parkNanos(this, due.since(now).toNanos());
    }
  }
}
