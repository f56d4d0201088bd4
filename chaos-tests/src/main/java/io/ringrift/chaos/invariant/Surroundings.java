package io.ringrift.chaos.invariant;

/// What the simulator knows and no node can: asked by invariants. Spans are true nanoseconds.
public interface Surroundings {
  /// Number of the node's present life; 0 while it is down.
  int present(int node);

  /// How long both have been up and awake, and nothing between them was cut or in bad weather; for
  /// an outbound-only node, the same of their links to all voters. 0 while it is not so.
  long quietFor(int observer, int of);

  /// How long the observer has been awake without any sign of life of the other, at first or, of an
  /// outbound-only node, at second hand.
  long silentFor(int observer, int of);

  boolean outboundOnly(int node);
}
