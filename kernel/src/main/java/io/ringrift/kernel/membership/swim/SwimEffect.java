package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.MembershipEvent;

/// What the view wants done, in order.
sealed interface SwimEffect {
  /// The view changed.
  record Changed(MembershipEvent event) implements SwimEffect {}

  /// Something that a person has to look at.
  record Report(Trouble trouble, String text) implements SwimEffect {}

  /// Kinds of trouble; the names are metric tags.
  enum Trouble {
    ENDPOINT_CONFLICT,
    DUPLICATE_ID,
    TABLE_FULL,
    SETTINGS_MISMATCH,
    WRONG_CLUSTER
  }
}
