/// What a fault does to one direction of a link, whatever carries it. Immutable values.
@NullMarked
package io.ringrift.chaos.link;

import org.jspecify.annotations.NullMarked;
