/// What data files are where, what must move, proof that it arrived. Lives here: the scanner of the
/// data root, the pure plan by content hash, the transfer that the receiver pulls, `SyncService`.
/// Callers: node (construction), others by RPC only. Threads: RPC and loop threads (virtual, may
/// block); the scanner and each pulled path have one user at a time.
@NullMarked
package io.ringrift.managers.sync;

import org.jspecify.annotations.NullMarked;
