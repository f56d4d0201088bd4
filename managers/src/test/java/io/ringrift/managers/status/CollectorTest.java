package io.ringrift.managers.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringrift.kernel.Refusal;
import io.ringrift.kernel.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CollectorTest {
  private static final Duration QUICK = Duration.ofMillis(300);

  private static Collector collector(int maxConcurrent, Duration cacheFor) {
    return new Collector(new CollectorConfig(QUICK, maxConcurrent, cacheFor), Ticker.system());
  }

  private static Block<Block.Figures> block(String name) {
    return Block.figures(name, () -> Map.of("value", 1));
  }

  @Test
  void failureOfOneBlockCostsTheOthersNothing() throws InterruptedException {
    var good = block("good");
    var bad =
        Block.figures(
            "bad",
            () -> {
              throw new IllegalStateException("broken");
            });
    var collected = collector(20, Duration.ZERO).collect(List.of(bad, good));
    assertThat(collected.figures(good)).contains(Map.of("value", 1));
    assertThat(collected.errors()).containsExactly(Map.entry("bad", "broken"));
    assertThat(collected.timedOut()).isZero();
  }

  @Test
  void blockThatHangsIsToldAsATimeout() throws InterruptedException {
    var never = new CountDownLatch(1);
    var hanging = Block.figures("hanging", () -> Map.of("never", never.await(1, TimeUnit.HOURS)));
    var good = block("good");
    var collected = collector(20, Duration.ZERO).collect(List.of(hanging, good));
    assertThat(collected.errors()).containsEntry("hanging", "no answer within 300 ms");
    assertThat(collected.timedOut()).isEqualTo(1);
    assertThat(collected.figures(good)).isPresent();
    assertThat(collected.length()).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void blocksAreAskedAtOnce() throws InterruptedException {
    var meeting = new CyclicBarrier(5);
    var blocks = new ArrayList<Block<?>>();
    for (int i = 0; i < 5; i++) {
      blocks.add(Block.figures("b" + i, () -> Map.of("place", meeting.await())));
    }
    assertThat(collector(5, Duration.ZERO).collect(blocks).errors()).isEmpty();
  }

  @Test
  void noMoreBlocksAreAskedAtOnceThanAllowed() throws InterruptedException {
    var inside = new AtomicInteger();
    var most = new AtomicInteger();
    var pair = new CyclicBarrier(2);
    var blocks = new ArrayList<Block<?>>();
    for (int i = 0; i < 8; i++) {
      blocks.add(
          Block.figures(
              "b" + i,
              () -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                pair.await();
                inside.decrementAndGet();
                return Map.of();
              }));
    }
    collector(2, Duration.ZERO).collect(blocks);
    assertThat(most.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void freshCollectionIsShownAgain() throws InterruptedException {
    var asked = new AtomicInteger();
    var block = Block.figures("b", () -> Map.of("n", asked.incrementAndGet()));
    var cached = collector(20, Duration.ofSeconds(2));
    cached.collect(List.of(block));
    cached.collect(List.of(block));
    assertThat(asked.get()).isEqualTo(1);
    var uncached = collector(20, Duration.ZERO);
    uncached.collect(List.of(block));
    uncached.collect(List.of(block));
    assertThat(asked.get()).isEqualTo(3);
  }

  @Test
  void cacheOfMoreThanTwoSecondsIsRefused() {
    assertThatThrownBy(() -> new CollectorConfig(QUICK, 1, Duration.ofSeconds(3)))
        .isInstanceOf(Refusal.class);
  }
}
