/// Tests of the stores, on real files.
@NullMarked
package io.ringrift.kernel.store;

import org.jspecify.annotations.NullMarked;
