package io.ringrift.workloads.hex;

/// A loss or a weight became infinite or no number; nothing of the training may be used.
final class NotFiniteException extends Exception {
  private static final long serialVersionUID = 1L;

  NotFiniteException(String message) {
    super(message);
  }
}
