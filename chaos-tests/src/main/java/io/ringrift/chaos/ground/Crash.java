package io.ringrift.chaos.ground;

/// A node process that ended although nobody asked it to.
///
/// @param pid tells it from others of the node
/// @param how exit code and the end of its log
public record Crash(String node, long pid, String how) {}
