/// Turns parts into a process: the one composition root. Callers: the command line, tests.
@NullMarked
package io.ringrift.node;

import org.jspecify.annotations.NullMarked;
