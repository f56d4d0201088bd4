package io.ringrift.chaos.sim;

/// A message of membership or gossip on its way.
///
/// @param views to the failure detector; else to the gossip core
record SideMessage(boolean views, Object body) {}
