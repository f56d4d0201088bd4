/// Tests of what managers share.
@NullMarked
package io.ringrift.managers;

import org.jspecify.annotations.NullMarked;
