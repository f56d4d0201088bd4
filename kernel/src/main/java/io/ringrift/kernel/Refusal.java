package io.ringrift.kernel;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A refusal or operating failure with its stable reason. The message tells people what happened,
/// why, and what to do. Mapped to a gRPC status with `ErrorInfo` at the RPC edge and back at the
/// client; never used for broken invariants, which are `IllegalStateException` and stop the node.
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final transient Map<String, String> details = new LinkedHashMap<>();

  public Refusal(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Refusal(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /// Bad input, naming field, value and rule. The value is cut at 100 characters.
  public static Refusal invalid(String field, String value, String rule) {
    String shown = value.length() > 100 ? value.substring(0, 100) + "…" : value;
    return new Refusal(Reason.INVALID_ARGUMENT, field + " is \"" + shown + "\" but must be " + rule)
        .with("field", field)
        .with("value", shown)
        .with("rule", rule);
  }

  /// Adds a detail that travels as `ErrorInfo.metadata`.
  public Refusal with(String key, String value) {
    details.put(key, value);
    return this;
  }

  public Reason reason() {
    return reason;
  }

  /// Details by name, in the order they were added.
  public Map<String, String> details() {
    return Collections.unmodifiableMap(details);
  }

  /// The message, never null.
  public String text() {
    String message = getMessage();
    return message == null ? reason.name() : message;
  }
}
