package io.ringrift.kernel.wire;

/// Marks a service whose handlers neither wait nor compute for long: a server may run them on the
/// thread that reads the connection, without a thread of their own for each message.
public interface NonBlocking {}
