/// Calls between nodes and within one: channels to other nodes, the in-process server, and
/// `Services`, through which managers find each other's stubs. Deadlines and the bearer token are
/// added here once. Callers: node. Nothing here blocks; everything is safe for any thread.
@NullMarked
package io.ringrift.node.rpc;

import org.jspecify.annotations.NullMarked;
