/// Turns a configuration into a running kernel: the one switch over modes. Callers: node,
/// chaos-tests.
@NullMarked
package io.ringrift.kernel.boot;

import org.jspecify.annotations.NullMarked;
