package io.ringrift.kernel;

import java.util.regex.Pattern;

/// Stable name of one node: 1 to 63 letters, digits, dots, dashes or underscores, beginning with a
/// letter or digit. Addresses are attributes of a node, never its identity. Ordered as text; the
/// greater id ranks higher among voters of one priority.
public record NodeId(String value) implements Comparable<NodeId> {
  private static final Pattern RULE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  /// @throws Refusal INVALID_ARGUMENT when the value breaks the rule
  public NodeId {
    if (!RULE.matcher(value).matches()) {
      throw Refusal.invalid(
          "node_id", value, "1 to 63 of A-Z a-z 0-9 . _ -, not beginning with . _ or -");
    }
  }

  @Override
  public int compareTo(NodeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
