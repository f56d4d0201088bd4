/// Tests of the queue's room.
@NullMarked
package io.ringrift.managers.queue;

import org.jspecify.annotations.NullMarked;
