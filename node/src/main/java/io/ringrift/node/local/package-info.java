/// A cluster of real node processes on loopback. Callers: the demo, benchmarks, chaos tests.
@NullMarked
package io.ringrift.node.local;

import org.jspecify.annotations.NullMarked;
