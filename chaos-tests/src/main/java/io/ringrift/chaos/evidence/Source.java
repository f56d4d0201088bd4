package io.ringrift.chaos.evidence;

/// A file that was offered.
///
/// @param sha256 hexadecimal
/// @param origin node that it was put into; what lies there was not moved
public record Source(String sha256, String origin) {}
