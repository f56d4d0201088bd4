package io.ringrift.workloads.hex;

/// A file is missing, damaged or foreign; the message says which of them and where.
final class BadFileException extends Exception {
  private static final long serialVersionUID = 1L;

  BadFileException(String message) {
    super(message);
  }

  BadFileException(String message, Exception cause) {
    super(message, cause);
  }
}
