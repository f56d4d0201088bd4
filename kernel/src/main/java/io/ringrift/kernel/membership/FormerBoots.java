package io.ringrift.kernel.membership;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.Pure;
import java.util.ArrayDeque;

/// The lives of one node that gave way to the present one, the newest last. Their messages are
/// ignored while the present one lives, for they may be late. A voter that stood still tells of
/// several at once when it goes on. Bounded.
@Pure
public final class FormerBoots {
  private static final int MAX_FORMER = 8;

  private record Former(BootId boot, boolean left) {}

  private final ArrayDeque<Former> lives = new ArrayDeque<>();

  /// One life gave way to another. A life may come back: what it gave way to may have been an
  /// earlier one, whose message arrived late.
  ///
  /// @param left the ended one said goodbye: it never comes back
  public void replace(BootId ended, boolean left, BootId begun) {
    lives.removeIf(life -> life.boot().equals(begun));
    lives.addLast(new Former(ended, left));
    if (lives.size() > MAX_FORMER) {
      lives.removeFirst();
    }
  }

  /// Whether that life was replaced.
  public boolean contains(BootId boot) {
    return lives.stream().anyMatch(life -> life.boot().equals(boot));
  }

  /// Whether that life was replaced and said goodbye before.
  public boolean left(BootId boot) {
    return lives.contains(new Former(boot, true));
  }
}
