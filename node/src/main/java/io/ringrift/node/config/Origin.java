package io.ringrift.node.config;

import java.util.Locale;

/// Where a setting's value came from; an earlier one wins over a later one.
public enum Origin {
  FLAG,
  ENV,
  FILE,
  PRESET,
  DEFAULT;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
