package io.ringrift.node;

/// The version of this software, as /status and the nodes' facts tell it.
public final class Version {
  /// Same as in the build file.
  public static final String CURRENT = "0.1.0";

  private Version() {}
}
