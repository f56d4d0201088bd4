package io.ringrift.kernel.membership.swim;

/// What the network does to a message; production has a network for that, tests cut links here.
@FunctionalInterface
interface LinkRules {
  /// All links work.
  LinkRules WHOLE = (_, _) -> false;

  /// Whether the message to that address is lost. Any thread; must not block.
  ///
  /// @param datagram it goes as a datagram, not by connection
  boolean loses(String address, boolean datagram);
}
