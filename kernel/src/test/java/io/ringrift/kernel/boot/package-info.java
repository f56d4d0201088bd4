/// Tests of the whole kernel, put together as a node does.
@NullMarked
package io.ringrift.kernel.boot;

import org.jspecify.annotations.NullMarked;
