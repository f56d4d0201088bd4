/// What the kernel keeps on disk: the promises of election, the log, and a small key-value port on
/// RocksDB that `managers.state` uses too. The only importer of RocksDB besides `consensus.raft`.
/// Callers: `consensus.*`, `boot`, `managers.state`. Each store belongs to one writer thread.
@NullMarked
package io.ringrift.kernel.store;

import org.jspecify.annotations.NullMarked;
