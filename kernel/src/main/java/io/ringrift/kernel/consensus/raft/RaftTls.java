package io.ringrift.kernel.consensus.raft;

import java.nio.file.Path;

/// PEM files for the raft port. Both sides of a connection show a certificate of the authority.
///
/// @param key this node's private key, PKCS 8
/// @param certificate this node's certificate chain
/// @param authority certificates that a peer's has to be signed by
public record RaftTls(Path key, Path certificate, Path authority) {}
