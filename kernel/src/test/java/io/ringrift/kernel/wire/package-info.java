/// Tests of the mapping between records and protos.
@NullMarked
package io.ringrift.kernel.wire;

import org.jspecify.annotations.NullMarked;
