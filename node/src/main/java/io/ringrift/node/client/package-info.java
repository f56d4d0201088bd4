/// A client of a cluster: follows the leader and repeats calls through a failover. Callers: the
/// command line, the demo, benchmarks. Not used by a running node.
@NullMarked
package io.ringrift.node.client;

import org.jspecify.annotations.NullMarked;
