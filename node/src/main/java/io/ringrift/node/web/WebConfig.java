package io.ringrift.node.web;

import java.time.Duration;
import java.util.Optional;

/// Where and within which bounds the port serves.
///
/// @param token bearer token; empty lets everybody in
/// @param requestTimeout longest unary call; above the longest poll (30 s)
/// @param workTimeout longest unary call that moves or hashes files
/// @param idleTimeout cuts a connection on which no request is under way; bytes of a header that
///   does not become complete do not count
/// @param pingInterval finds dead HTTP/2 connections that have streams open
public record WebConfig(
    String host,
    int port,
    Optional<String> token,
    Duration requestTimeout,
    Duration workTimeout,
    Duration idleTimeout,
    Duration pingInterval,
    int maxConnections,
    int maxMessageBytes,
    int maxHeaderBytes) {
  /// The usual bounds.
  public static WebConfig of(String host, int port, Optional<String> token) {
    return new WebConfig(
        host,
        port,
        token,
        Duration.ofSeconds(35),
        Duration.ofMinutes(30),
        Duration.ofSeconds(30),
        Duration.ofSeconds(10),
        2000,
        4 << 20,
        16 << 10);
  }

  @Override
  public String toString() {
    return "WebConfig[" + host + ":" + port + "]";
  }
}
