package io.ringrift.kernel;

/// Where a node listens. An outbound-only node has no endpoint.
public record Endpoint(String host, int port) {
  /// @throws Refusal INVALID_ARGUMENT when the host is blank or the port is outside 1..65535
  public Endpoint {
    if (host.isBlank()) {
      throw Refusal.invalid("host", host, "not blank");
    }
    if (port < 1 || port > 65535) {
      throw Refusal.invalid("port", Integer.toString(port), "1 to 65535");
    }
  }

  /// Reads `host:port`; an IPv6 host stands in brackets.
  ///
  /// @throws Refusal INVALID_ARGUMENT naming the text
  public static Endpoint parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw Refusal.invalid("address", text, "host:port");
    }
    try {
      String host = text.substring(0, colon);
      if (host.startsWith("[") && host.endsWith("]")) {
        host = host.substring(1, host.length() - 1);
      }
      return new Endpoint(host, Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw Refusal.invalid("address", text, "host:port with a numeric port");
    }
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
