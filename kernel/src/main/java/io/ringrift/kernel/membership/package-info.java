/// What every kind of membership shares: serial delivery of events, the record of changes, figures,
/// quiet logging. Callers: `membership.http`, `membership.swim` and `membership.hybrid`.
@NullMarked
package io.ringrift.kernel.membership;

import org.jspecify.annotations.NullMarked;
