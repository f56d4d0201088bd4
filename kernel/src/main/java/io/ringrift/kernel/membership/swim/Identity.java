package io.ringrift.kernel.membership.swim;

import io.ringrift.kernel.BootId;
import io.ringrift.kernel.NodeId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Our names in ScaleCube's words.
final class Identity {
  private static final int MAX_SHOWN = 80;

  private Identity() {}

  /// A member is one life of a node: a crash and quick restart under one id would raise no event.
  static String member(NodeId id, BootId boot) {
    return id + "/" + boot;
  }

  /// Namespaces are paths, and parents see their children: a digest is neither.
  static String namespace(String clusterId) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(clusterId.getBytes(StandardCharsets.UTF_8));
      return "c" + HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// Another node's text, fit for a log line.
  static String shown(@Nullable String text) {
    String whole = text == null ? "" : text.replaceAll("\\p{Cntrl}", "?");
    return whole.length() > MAX_SHOWN ? whole.substring(0, MAX_SHOWN) + "…" : whole;
  }
}
