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

  private final ArrayDeque<BootId> boots = new ArrayDeque<>();

  /// One life gave way to another. A life may come back: what it gave way to may have been an
  /// earlier one, whose message arrived late.
  public void replace(BootId ended, BootId begun) {
    boots.remove(begun);
    boots.addLast(ended);
    if (boots.size() > MAX_FORMER) {
      boots.removeFirst();
    }
  }

  /// Whether that life was replaced.
  public boolean contains(BootId boot) {
    return boots.contains(boot);
  }
}
