/// What the kernel keeps on disk: the promise of election, the log, snapshots, the audit file, the
/// folder that holds them, a small key-value port on RocksDB that `managers.state` uses too, and
/// `DurableFiles`, which every module writes with. The only importer of RocksDB besides
/// `consensus.raft`. Callers: `consensus.*`, `boot`, `managers.state`, `node`, and for
/// `DurableFiles` `managers.job` and `managers.sync`. Each store belongs to one writer thread
/// unless its own comment says otherwise.
@NullMarked
package io.ringrift.kernel.store;

import org.jspecify.annotations.NullMarked;
