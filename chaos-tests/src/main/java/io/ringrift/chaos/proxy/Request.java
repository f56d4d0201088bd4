package io.ringrift.chaos.proxy;

import java.util.Map;

/// A call with one message, as its client sent it.
///
/// @param method with its service, as `package.Service/Method`
/// @param metadata what it sent along, by name
record Request(String method, Map<String, String> metadata, byte[] message) {
  Request {
    metadata = Map.copyOf(metadata);
  }
}
