@NullMarked
package io.ringrift.kernel.consensus.hybrid;

import org.jspecify.annotations.NullMarked;
