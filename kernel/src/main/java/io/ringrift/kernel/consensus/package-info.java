/// What every mode of consensus shares: how leadership is published and audited, how a node notices
/// that it stalls, how it refuses, and the consensus of a node that is no voter. Callers: the rooms
/// of the modes below, `kernel.boot`.
@NullMarked
package io.ringrift.kernel.consensus;

import org.jspecify.annotations.NullMarked;
