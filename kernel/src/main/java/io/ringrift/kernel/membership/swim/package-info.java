/// Who is here, by SWIM. Lives here: the one use of ScaleCube and Reactor, its transport on plain
/// Netty, the closed wire form of its messages, and the pure rules around it (`SwimTiming`,
/// `LocalHealth`, `ProbeJudge`, `SwimView`). One thread owns ScaleCube and the view, one the
/// sockets. Callers: `kernel.boot` and `membership.hybrid`.
@NullMarked
package io.ringrift.kernel.membership.swim;

import org.jspecify.annotations.NullMarked;
