package io.ringrift.kernel;

/// Life of a member. LEFT is voluntary, DEAD is not.
public enum MemberState {
  ALIVE,
  SUSPECT,
  DEAD,
  LEFT
}
