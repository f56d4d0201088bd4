/// The vocabulary that every room shares: who is here, who leads, what proof an order carries.
/// Callers: everyone. Values are immutable; `FenceGate` is safe for any thread.
@NullMarked
package io.ringrift.kernel;

import org.jspecify.annotations.NullMarked;
