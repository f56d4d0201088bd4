package io.ringrift.chaos.run;

/// A file that the run put into a node's data root.
///
/// @param path relative to the data root
/// @param size in bytes
/// @param sha256 hexadecimal
/// @param source node that had it first
record OfferedFile(String path, int size, String sha256, String source) {}
