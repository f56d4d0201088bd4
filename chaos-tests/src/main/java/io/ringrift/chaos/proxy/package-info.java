/// Stands between node processes on loopback, one rule for each direction of each link. Callers:
/// the process ground. Virtual threads, one a direction of a connection; rules are set by any
/// thread.
@NullMarked
package io.ringrift.chaos.proxy;

import org.jspecify.annotations.NullMarked;
