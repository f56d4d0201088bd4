package io.ringrift.workloads.hex;

/// The command line is wrong; the message names the option, its value and the rule.
final class UsageException extends Exception {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }

  UsageException(String option, String value, String rule) {
    super(option + " is \"" + value + "\" but must be " + rule);
  }
}
