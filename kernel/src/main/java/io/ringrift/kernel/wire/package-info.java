/// Records to protos and back, errors to statuses and back, and the streams between voters.
/// Callers: `kernel.boot`, `node.rpc`, managers (errors only).
@NullMarked
package io.ringrift.kernel.wire;

import org.jspecify.annotations.NullMarked;
