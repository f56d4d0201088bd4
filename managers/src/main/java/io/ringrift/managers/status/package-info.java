/// The node at a glance. Lives here: `StatusMetricsCollector`, which asks every source in parallel
/// under a deadline and keeps who answers, and the status by RPC. Callers: node; everyone else by
/// RPC. Reads ports of the kernel and other managers through stubs; decides nothing.
@NullMarked
package io.ringrift.managers.status;

import org.jspecify.annotations.NullMarked;
