package io.ringrift.chaos.invariant;

/// Something whose name is told when it is broken.
interface Named {
  default String name() {
    return getClass().getSimpleName();
  }
}
