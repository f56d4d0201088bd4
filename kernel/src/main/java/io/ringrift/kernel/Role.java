package io.ringrift.kernel;

/// Role of this node in consensus (Raft thesis, section 3.1).
public enum Role {
  FOLLOWER,
  CANDIDATE,
  LEADER
}
