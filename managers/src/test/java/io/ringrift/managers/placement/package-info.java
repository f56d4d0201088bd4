/// Tests of placement. Callers: nobody.
@NullMarked
package io.ringrift.managers.placement;

import org.jspecify.annotations.NullMarked;
