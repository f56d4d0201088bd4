/// Watches over the cluster: idle and zombie GPUs, trends, scaling, two leaders, nodes under
/// pressure. Lives here: `ClusterWatch`, its loops, and one pure core for each. They read what the
/// other managers serve and act by ledger commands with a fence. Callers: node; everyone else by
/// RPC. Cores are used by their loop's thread only.
@NullMarked
package io.ringrift.managers.watch;

import org.jspecify.annotations.NullMarked;
