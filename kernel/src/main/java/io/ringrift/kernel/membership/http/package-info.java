/// Who is here, by polling. Lives here: the pure `PollDetector` with its table and the one owner
/// thread of `HttpMembership`; polls run on virtual threads. Callers: `kernel.boot`, later
/// `membership.hybrid`; the simulator through a cell in this package.
@NullMarked
package io.ringrift.kernel.membership.http;

import org.jspecify.annotations.NullMarked;
