@NullMarked
package io.ringrift.kernel.consensus.raft;

import org.jspecify.annotations.NullMarked;
