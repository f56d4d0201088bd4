package io.ringrift.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/// Sets the level of our own log lines, once the configuration is known.
final class NodeLogging {
  private NodeLogging() {}

  static void level(String name) {
    if (LoggerFactory.getLogger("io.ringrift") instanceof Logger ours) {
      ours.setLevel(Level.toLevel(name));
    }
  }
}
