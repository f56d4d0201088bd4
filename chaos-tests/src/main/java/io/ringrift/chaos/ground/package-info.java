/// Where scenarios run: real node processes, and what can be done to them and to their links.
/// Callers: the runner, from one thread; `close` is for any. Everything that a ground makes it
/// removes again, and tells what it could not.
@NullMarked
package io.ringrift.chaos.ground;

import org.jspecify.annotations.NullMarked;
