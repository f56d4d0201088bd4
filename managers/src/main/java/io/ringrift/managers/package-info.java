/// What managers share: the seam through which they meet (`Services`), loops, health and fan-out.
/// Managers meet only through generated stubs, never through each other's classes. Callers:
/// managers, node.
@NullMarked
package io.ringrift.managers;

import org.jspecify.annotations.NullMarked;
