/// Who is here, by SWIM and by polling together. Lives here: the pure `ViewMerge`, which alone
/// makes events of two views, and `HybridMembership` around both kinds of membership. One thread
/// owns the merge. Callers: `kernel.boot`.
@NullMarked
package io.ringrift.kernel.membership.hybrid;

import org.jspecify.annotations.NullMarked;
