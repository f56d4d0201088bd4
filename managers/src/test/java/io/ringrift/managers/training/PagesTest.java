package io.ringrift.managers.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class PagesTest {
  @Test
  void allPagesTogetherAreEverythingOnceThoughSomethingNewComesBetween() {
    var seen = new ArrayList<Long>();
    var first = page(Stream.of(9L, 8L, 7L, 3L, 1L), 0, 2);
    seen.addAll(first.items());
    for (long next = first.next(); next != 0; ) {
      var more = page(Stream.of(12L, 11L, 9L, 8L, 7L, 3L, 1L), next, 2);
      seen.addAll(more.items());
      next = more.next();
    }

    assertThat(seen).containsExactly(9L, 8L, 7L, 3L, 1L);
  }

  @Test
  void aFullLastPageSaysThatItIsTheLast() {
    assertThat(page(Stream.of(2L, 1L), 0, 2)).isEqualTo(new Pages.Page<>(List.of(2L, 1L), 0));
    assertThat(page(Stream.of(), 5, 2).next()).isZero();
  }

  private static Pages.Page<Long> page(Stream<Long> all, long before, int limit) {
    return Pages.page(all, before, limit, one -> one);
  }
}
