@NullMarked
package io.ringrift.kernel.consensus;

import org.jspecify.annotations.NullMarked;
