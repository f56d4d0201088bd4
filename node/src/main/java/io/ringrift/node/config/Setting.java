package io.ringrift.node.config;

/// One effective setting as `config show` and /status tell it; secrets are masked.
///
/// @param source what exactly set it: the flag, the variable or the path in the file
public record Setting(String name, String value, Origin origin, String source) {}
